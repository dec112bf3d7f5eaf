/** Who owns which files. Read by `readOwnership` from the ownership table (docs/contract.md). */
export interface OwnershipRule {
  /** Glob relative to the repository root; a trailing `/` of the table has become `/**`. */
  readonly pattern: string;
  readonly owner: string;
  /** 1-based line of the table row. */
  readonly line: number;
}

export interface Ownership {
  readonly rules: readonly OwnershipRule[];
  /** Agent types that may change nothing, as the table (`NONE`) and the settings say. */
  readonly readOnly: readonly string[];
  /** Rows that were no paths, and rows of tables about tools. */
  readonly ignoredRows: number;
}

export const noOwnership: Ownership = { rules: [], readOnly: [], ignoredRows: 0 };
