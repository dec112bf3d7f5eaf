import type { Metafile } from 'esbuild';

/** Bundles `entry` into `outfile` the way the program itself is bundled, with its chunks beside it. */
export function bundle(entry: string, outfile: string): Promise<Metafile>;
