// `npm run demo`: builds where that is needed, then runs the built program's demo with the arguments given.
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
      error?.code === 'ERR_MODULE_NOT_FOUND' ? 'The build tools are missing: run "npm ci" first.' : String(error),
    );
    process.exit(1);
  }
}
// The program starts itself again by this path, as it does when it was started directly.
process.argv = [process.argv[0], program, 'demo', ...process.argv.slice(2)];
await import(program);

/** True where there is no build, or one of its sources is newer. */
function isStale() {
  const built = statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const single = ['cli.tsx', 'package.json', 'package-lock.json', 'scripts/build.mjs'].map(name => join(root, name));
  const sources = readdirSync(join(root, 'source'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name));
  return [...single, ...sources].some(file => (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > built);
}
