/** One measured figure beside its baseline, both taken in the same run. */
export interface BenchResult {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly baseline: number;
  readonly baselineName: string;
  /** `value / baseline`. */
  readonly ratio: number;
  /** The ratio (or, where the baseline is a promise, the value) that must not be exceeded. */
  readonly limit: number;
  readonly note?: string;
}
