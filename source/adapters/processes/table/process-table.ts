import { existsSync } from 'node:fs';
import { linuxTable } from './proc-table.ts';
import { psTable } from './ps-table.ts';
import type { ProcessTable } from './table-types.ts';

/** The table of this machine: `/proc` where it is there, `ps` elsewhere. */
export function processTable(): ProcessTable {
  return existsSync('/proc/self/stat') ? linuxTable : psTable;
}
