/**
 * True in the long programme (`npm run test:long`), which tries everything. A plain run leaves out what takes long where something quicker
 * shows the same, so that it is run before every commit.
 */
export const isLong = process.env.CM_TUI_TESTS === 'long';

/** All rows of a table in the long programme; in a plain run those that stand for the others as well: of each kind at least one. */
export function sampleOf<T>(rows: readonly T[], standsForOthers: (row: T, at: number) => boolean): readonly T[] {
  return isLong ? rows : rows.filter(standsForOthers);
}
