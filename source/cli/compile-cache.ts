import { mkdirSync, statSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** What Node 22 and newer have, and Node 20 has not. */
interface CompileCache {
  enableCompileCache?: (folder: string) => unknown;
}

/**
 * Keeps compiled code for the next start, where Node can. Code is run from the folder, so it is one that only the user can write to.
 * Without it a start only takes longer.
 */
export function keepCompiledCode(
  module: CompileCache = nodeModule as CompileCache,
  env: Readonly<Record<string, string | undefined>> = process.env,
): void {
  if (module.enableCompileCache === undefined) return;
  try {
    const own = env.XDG_CACHE_HOME ?? '';
    const folder = join(isAbsolute(own) ? own : join(homedir(), '.cache'), 'cm-tui', 'compiled');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(folder);
    if (uid === process.getuid?.() && (mode & 0o022) === 0) module.enableCompileCache(folder);
  } catch {
    // A home that cannot be written to.
  }
}
