import { clusterOf, quantile, shareOf, type Share } from './interval.ts';
import { EVALUATED_KINDS, GROUPS, isRecording, VIEWS, type EvaluatedKind, type Told } from './told.ts';

export interface KindFigures {
  calls: number;
  verdicts: Record<string, number>;
}

export interface Quantiles {
  p50: number;
  p95: number;
}

/** Persons lost (called machine, announcement or fax) or recordings called human, and all that were not told right (`unsure`, `silence` too). */
export interface Mistakes {
  wrong: Share;
  notFound: Share;
}

/** Mistakes, and how long after the first speech right verdicts fell, ms. */
export interface ViewFigures {
  persons: Mistakes;
  recordings: Mistakes;
  humanMs: Quantiles;
  machineMs: Quantiles;
}

export interface SystemFigures {
  name: string;
  /** The confusion: verdicts by kind of call. */
  kinds: Partial<Record<EvaluatedKind, KindFigures>>;
  /** Persons not heard at all: `silence` is hung up on as well. */
  unheardPersons: Share;
  nobodyCalledHuman: Share;
  persons: Mistakes;
  recordings: Mistakes;
  /** The same, had no word been taken back; null if none was. */
  atFirst: { persons: Mistakes; recordings: Mistakes } | null;
  groups: Record<string, Mistakes>;
  /** By what is known of the calls; a view of which nothing is known is left out. */
  views: Record<string, Record<string, ViewFigures>>;
  /** Times of right verdicts, ms: from the first speech, and from the answer. */
  humanMs: Quantiles;
  machineMs: Quantiles;
  humanAudioMs: Quantiles;
  machineAudioMs: Quantiles;
  groupMs: Record<string, Quantiles>;
}

const isPerson = ({ call }: Told): boolean => call.truth === 'human';
const isMachine = ({ call }: Told): boolean => call.truth === 'machine' || call.truth === 'announcement';
const isNobody = ({ call }: Told): boolean => call.truth === 'nobody';

function mistakes(told: readonly Told[]): Mistakes {
  const counted = (hit: (each: Told) => boolean): Share => shareOf(told.map((each) => ({ cluster: each.call.voice, hit: hit(each) })));
  return {
    wrong: counted((each) => (isPerson(each) ? isRecording(each.verdict) : each.verdict === 'human')),
    notFound: counted((each) => (isPerson(each) ? each.verdict !== 'human' : !isRecording(each.verdict))),
  };
}

const firstWord = (each: Told): Told => ({ ...each, verdict: each.takenBack ?? each.verdict });
const isRight = (each: Told): boolean => (isPerson(each) ? each.verdict === 'human' : isRecording(each.verdict));
const quantiles = (values: readonly number[]): Quantiles => ({ p50: quantile(values, 0.5), p95: quantile(values, 0.95) });
const sinceSpeech = ({ audioMs, onsetMs }: Told): number => audioMs - (onsetMs ?? 0);

const rightMs = (told: readonly Told[]): Quantiles => quantiles(told.filter(isRight).map(sinceSpeech));

/** Counts what one system told. */
export function systemFigures(name: string, told: readonly Told[]): SystemFigures {
  const persons = told.filter(isPerson);
  const machines = told.filter(isMachine);
  const nobody = told.filter(isNobody);
  const rightPersons = persons.filter(isRight);
  const rightMachines = machines.filter(isRight);
  const groups = Object.entries(GROUPS).map(([group, belongs]) => [group, told.filter(({ call }) => belongs(call))] as const).filter(([, of]) => of.length > 0);
  return {
    name,
    kinds: kindsOf(told),
    unheardPersons: shareOf(persons.map(({ call, verdict }) => ({ cluster: call.voice, hit: verdict === 'silence' }))),
    nobodyCalledHuman: shareOf(nobody.map(({ call, verdict }, index) => ({ cluster: clusterOf(call.voice, index), hit: verdict === 'human' }))),
    persons: mistakes(persons), recordings: mistakes(machines),
    atFirst: told.some(({ takenBack }) => takenBack !== null) ? { persons: mistakes(persons.map(firstWord)), recordings: mistakes(machines.map(firstWord)) } : null,
    groups: Object.fromEntries(groups.map(([group, of]) => [group, mistakes(of)])),
    views: Object.fromEntries(Object.entries(VIEWS).map(([view, keyOf]) => [view, viewOf(persons, machines, keyOf)] as const).filter(([, keys]) => Object.keys(keys).length > 0)),
    humanMs: rightMs(persons), machineMs: rightMs(machines),
    humanAudioMs: quantiles(rightPersons.map(({ audioMs }) => audioMs)), machineAudioMs: quantiles(rightMachines.map(({ audioMs }) => audioMs)),
    groupMs: Object.fromEntries(groups.map(([group, of]) => [group, rightMs(of)])),
  };
}

function kindsOf(told: readonly Told[]): SystemFigures['kinds'] {
  const kinds: SystemFigures['kinds'] = {};
  for (const { call, verdict } of told) {
    const kind = (kinds[call.kind] ??= { calls: 0, verdicts: {} });
    kind.calls++;
    kind.verdicts[verdict] = (kind.verdicts[verdict] ?? 0) + 1;
  }
  return Object.fromEntries(EVALUATED_KINDS.filter((kind) => kinds[kind] !== undefined).map((kind) => [kind, kinds[kind]]));
}

function viewOf(persons: readonly Told[], machines: readonly Told[], keyOf: (call: Told['call']) => string | null): SystemFigures['views'][string] {
  const keys = [...new Set([...persons, ...machines].map(({ call }) => keyOf(call)).filter((key) => key !== null))].sort();
  const only = (told: readonly Told[], key: string): Told[] => told.filter(({ call }) => keyOf(call) === key);
  return Object.fromEntries(keys.map((key): [string, ViewFigures] => {
    const [personsOf, machinesOf] = [only(persons, key), only(machines, key)];
    return [key, { persons: mistakes(personsOf), recordings: mistakes(machinesOf), humanMs: rightMs(personsOf), machineMs: rightMs(machinesOf) }];
  }));
}
