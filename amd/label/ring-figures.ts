import { MOST_LOG_ODDS, type RingOdds } from '../../core/ring-odds.ts';

/** One call whose label is known: a person's, or a recording's. */
export interface RangCall {
  ringMs: number;
  human: boolean;
  /** How many attempts it stands for. */
  weight: number;
}

/** A stretch of ring time, from `fromMs` to the next one's: shares of all persons, and of all recordings, that answered in it. */
export interface RingStretch {
  fromMs: number;
  persons: number;
  recordings: number;
  logOdds: number;
}

/** At once is a phone that is off; voicemails of phones that are on take over after 15-30 s. */
const STARTS_MS = [0, 2000, 5000, 10_000, 15_000, 20_000, 25_000, 30_000];
/** With fewer persons or recordings nothing is said. */
const LEAST_EACH = 30;
/** So many calls that know nothing are added to either side: what few calls say is taken for chance. */
const PRIOR_CALLS = 60;

/**
 * What ring time tells of who answers: log of the ratio of the two shares of each stretch, each drawn towards their mean by PRIOR_CALLS
 * (a Dirichlet prior). Weighted calls count for as many as their weights are worth (L. Kish, Survey Sampling, 1965: the square of the sum over
 * the sum of squares). Null where fewer than LEAST_EACH persons or recordings are known.
 */
export function ringFigures(calls: readonly RangCall[]): RingStretch[] | null {
  const persons = sharesOf(calls.filter(({ human }) => human));
  const recordings = sharesOf(calls.filter(({ human }) => !human));
  if (persons === null || recordings === null) return null;
  return STARTS_MS.map((fromMs, index) => {
    const [person, recording] = [persons.shares[index]!, recordings.shares[index]!];
    const mean = (person + recording) / 2;
    const drawn = (share: number, calls: number): number => (share * calls + PRIOR_CALLS * mean) / (calls + PRIOR_CALLS);
    const logOdds = mean === 0 ? 0 : Math.log(drawn(person, persons.calls) / drawn(recording, recordings.calls));
    return { fromMs, persons: person, recordings: recording, logOdds: Number(Math.max(-MOST_LOG_ODDS, Math.min(MOST_LOG_ODDS, logOdds)).toFixed(2)) };
  });
}

/** Share of each stretch, and how many calls that is worth. */
function sharesOf(calls: readonly RangCall[]): { shares: number[]; calls: number } | null {
  if (calls.length < LEAST_EACH) return null;
  const shares = STARTS_MS.map(() => 0);
  const total = calls.reduce((sum, { weight }) => sum + weight, 0);
  for (const { ringMs, weight } of calls) shares[STARTS_MS.findLastIndex((fromMs) => ringMs >= fromMs)]! += weight / total;
  return { shares, calls: total ** 2 / calls.reduce((sum, { weight }) => sum + weight ** 2, 0) };
}

/** As a campaign's `detection.ringOdds` takes it. */
export const ringOddsOf = (stretches: readonly RingStretch[]): RingOdds => stretches.map(({ fromMs, logOdds }) => ({ fromMs, logOdds }));
