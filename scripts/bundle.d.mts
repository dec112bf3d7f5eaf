/** Bundles `entry` into `outfile` the way the program itself is bundled. */
export function bundle(entry: string, outfile: string): Promise<unknown>;
