/** What one benchmark found: obzvon's figure beside its peer's from the same run. */
export interface BenchResult {
  name: string;
  unit: string;
  ours: number;
  /** Null if there is no peer: then `ratio` is against `target`. */
  peer: number | null;
  peerName: string;
  ratio: number;
  /** The least `ratio` that is good enough. */
  target: number;
  detail: string;
}
