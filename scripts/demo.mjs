// `npm run demo`: builds if needed, then runs the built program's demo with the given arguments.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = join(root, 'dist', 'cli.js');

if (isStale()) {
  try {
    await import('./build.mjs');
  } catch (error) {
    console.error(
      error?.code === 'ERR_MODULE_NOT_FOUND' ? 'The dependencies are missing. Run "npm ci" first.' : String(error),
    );
    process.exit(1);
  }
}
// The program restarts itself by this path, as when it is started directly.
process.argv = [process.argv[0], program, 'demo', ...process.argv.slice(2)];
await import(program);

/** True if there is no build, or one of its sources is newer. */
function isStale() {
  const built = statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const single = ['cli.tsx', 'package.json', 'package-lock.json', 'scripts/build.mjs'].map(name => join(root, name));
  const sources = readdirSync(join(root, 'source'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name));
  return [...single, ...sources].some(file => (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > built);
}
