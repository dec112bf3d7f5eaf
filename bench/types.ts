/** One measured figure beside its baseline, both taken in the same run. */
export interface BenchResult {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly baseline: number;
  readonly baselineName: string;
  /** `value / baseline`. */
  readonly ratio: number;
  /** What must not be exceeded; null where nothing is promised. */
  readonly limit: number | null;
  /** What the limit is on; the ratio, where not said. */
  readonly limitOn?: 'value';
  readonly note?: string;
  /** The note stands in the README too. */
  readonly inTable?: true;
}
