import type { Verdict } from '../../core/outcome.ts';
import { seededRandom } from '../corpus/signals.ts';
import type { Label } from './labels.ts';

/** One attempt that may be audited. */
export interface AuditCall {
  attemptId: string;
  verdict: Verdict;
}

/** What is known of one verdict's attempts. */
export interface AuditStratum {
  verdict: Verdict;
  /** Attempts of the campaign with this verdict. */
  attempts: number;
  /** Of these, those that ended with outcome `human`: whoever answered was spoken to as a person. */
  spokenTo: number;
  labels: Partial<Record<Label, number>>;
}

export interface Estimate {
  value: number;
  low: number;
  high: number;
}

export interface AuditFigures {
  labelled: number;
  /** Labelled `unsure`: nobody can tell; left out of all figures. */
  untold: number;
  strata: (AuditStratum & { human: Estimate | null })[];
  /** Attempts in which a person answered: by their outcome, as the reports count them, and as they really are. */
  reached: { told: number; corrected: Estimate | null };
  /** Of persons who answered, those not spoken to as one. */
  humansLost: Estimate | null;
  /** Of persons who answered, those not called human, though many of them were spoken to. */
  notCalledHuman: Estimate | null;
  /** Of calls that nobody answered in person, those in which a recording, or nobody, was spoken to as a person. */
  nobodySpokenTo: Estimate | null;
  /** Of attempts called human, those where no person was. */
  notHuman: Estimate | null;
}

/**
 * A random sample for labelling, the same for the same seed: of each verdict as many as of the others where there are so many, so that
 * rare verdicts are known as well as common ones.
 */
export function drawSample(calls: readonly AuditCall[], size: number, seed: number): AuditCall[] {
  const random = seededRandom(seed);
  const queues = new Map<Verdict, AuditCall[]>();
  for (const call of calls.toSorted((a, b) => (a.attemptId < b.attemptId ? -1 : 1))) queues.set(call.verdict, [...(queues.get(call.verdict) ?? []), call]);
  for (const queue of queues.values()) shuffle(queue, random);
  const drawn: AuditCall[] = [];
  for (let turn = 0; drawn.length < size; turn++) {
    const before = drawn.length;
    for (const queue of queues.values()) {
      const call = queue[turn];
      if (call !== undefined && drawn.length < size) drawn.push(call);
    }
    if (drawn.length === before) break;
  }
  // Heard in any order, so that the verdict cannot be guessed from the place.
  shuffle(drawn, random);
  return drawn;
}

function shuffle(list: AuditCall[], random: () => number): void {
  for (let index = list.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [list[index], list[other]] = [list[other]!, list[index]!];
  }
}

const DRAWS = 10_000;

/**
 * The campaign's own figures from a sample stratified by verdict: each stratum's share of persons, weighted by its attempts (W. G. Cochran,
 * Sampling Techniques, 3rd ed. 1977, 5.3). Intervals of 95 % by Monte Carlo: each share drawn from its Jeffreys posterior, Beta(x + 1/2, n - x + 1/2)
 * (Brown, Cai, DasGupta 2001, Statistical Science 16, 101-133), which holds for shares near 0 and small samples. A stratum
 * with attempts and without labels leaves the overall figures unknown. Calls of one verdict are taken to be treated alike, whoever answered. The finite population is not corrected for: intervals err on the wide side.
 */
export function auditFigures(strata: readonly AuditStratum[], seed = 1): AuditFigures {
  const random = seededRandom(seed);
  const known = strata.map((stratum) => {
    const told = Object.entries(stratum.labels).reduce((sum, [label, count]) => (label === 'unsure' ? sum : sum + count), 0);
    return { ...stratum, told, persons: stratum.labels.human ?? 0 };
  });
  const draws = known.map(({ told, persons }) => Float64Array.from({ length: DRAWS }, () => beta(persons + 0.5, told - persons + 0.5, random)));
  const whole = known.filter(({ attempts }) => attempts > 0).every(({ told }) => told > 0);
  const estimate = (value: number, of: (draw: number) => number): Estimate => {
    const sorted = Float64Array.from({ length: DRAWS }, (_, draw) => of(draw)).sort();
    return { value, low: Math.min(value, sorted[Math.floor(0.025 * DRAWS)]!), high: Math.max(value, sorted[Math.ceil(0.975 * DRAWS) - 1]!) };
  };
  /** Calls of all strata, `part` of each. */
  const calls = (part: (index: number) => number): number => known.reduce((sum, { attempts }, index) => (attempts > 0 ? sum + attempts * part(index) : sum), 0);
  const spoken = (index: number): number => known[index]!.spokenTo / known[index]!.attempts;
  const seen = (index: number): number => known[index]!.persons / known[index]!.told;
  const drawn = (draw: number) => (index: number): number => draws[index]![draw]!;
  const rate = (part: (share: number, index: number) => number, of: (share: number) => number): Estimate | null => {
    const value = (share: (index: number) => number): number => calls((index) => part(share(index), index)) / calls((index) => of(share(index)));
    return whole && calls((index) => of(seen(index))) > 0 ? estimate(value(seen), (draw) => value(drawn(draw))) : null;
  };
  const person = (share: number): number => share;
  const human = known.findIndex(({ verdict }) => verdict === 'human');
  return {
    labelled: known.reduce((sum, { told }) => sum + told, 0),
    untold: known.reduce((sum, { labels }) => sum + (labels.unsure ?? 0), 0),
    strata: known.map(({ told, persons: _persons, ...stratum }, index) => ({ ...stratum, human: told === 0 ? null : estimate(seen(index), (draw) => drawn(draw)(index)) })),
    reached: { told: strata.reduce((sum, { spokenTo }) => sum + spokenTo, 0), corrected: whole ? estimate(calls(seen), (draw) => calls(drawn(draw))) : null },
    humansLost: rate((share, index) => share * (1 - spoken(index)), person),
    notCalledHuman: rate((share, index) => (known[index]!.verdict === 'human' ? 0 : share), person),
    nobodySpokenTo: rate((share, index) => (1 - share) * spoken(index), (share) => 1 - share),
    notHuman: human < 0 || known[human]!.told === 0 ? null : estimate(1 - seen(human), (draw) => 1 - drawn(draw)(human)),
  };
}

/** A draw of Beta(a, b) as a ratio of gammas. */
function beta(a: number, b: number, random: () => number): number {
  const first = gamma(a, random);
  return first / (first + gamma(b, random));
}

/** Marsaglia and Tsang (2000), ACM Transactions on Mathematical Software 26, 363-372; below 1 by their boost. */
function gamma(shape: number, random: () => number): number {
  if (shape < 1) return gamma(shape + 1, random) * Math.max(1e-12, random()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
