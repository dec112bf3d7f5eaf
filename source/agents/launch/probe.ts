import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve, sep } from 'node:path';
import type { ProcessesPort } from '../../ports/processes.ts';
import type { AgentRegistry } from '../registry.ts';

/** What `doctor` reports about one program. */
export interface ProbeResult {
  readonly name: string;
  readonly found: boolean;
  readonly version: string | null;
  readonly path: string | null;
  /** One sentence; null: nothing is wrong. */
  readonly problem: string | null;
  /** One sentence: how to install it. */
  readonly install: string;
  /** The version up to which cm-tui was run with it, where this one is newer; null: it is not, or that is unknown. */
  readonly newerThan: string | null;
}

/** What a probe needs from the world: a way to run a short command, and where to look for it. */
export interface ProbeWorld {
  readonly run: ProcessesPort['run'];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** Some of them are large, and all start at once on a machine that may be busy. */
const timeLimitMs = 15_000;
/** From this version on git has all that landing needs (`merge-tree --write-tree`). */
const leastGit = [2, 38] as const;

/** Looks for every agent of the registry, all at once; each gets some time to print its version. */
export function probeAgents(registry: AgentRegistry, world: ProbeWorld): Promise<readonly ProbeResult[]> {
  const profiles = registry.names().flatMap(name => registry.get(name) ?? []);
  return Promise.all(
    profiles.map(async ({ name, settings, install, tried = null }) => {
      const { command, versionArgs } = settings;
      const found = await probe({ name, command, versionArgs, install }, world);
      return { ...found, newerThan: isNewer(found.version, tried) ? tried : null };
    }),
  );
}

/** Looks for git (2.38 or newer) and tmux, which interactive agents need. */
export async function probeTools(world: ProbeWorld): Promise<readonly ProbeResult[]> {
  const [git, tmux] = await Promise.all([
    probe({ name: 'git', command: 'git', versionArgs: ['--version'], install: 'Install git 2.38 or newer.' }, world),
    probe(
      {
        name: 'tmux',
        command: 'tmux',
        versionArgs: ['-V'],
        install: 'Install tmux to attach to interactive agents; headless agents work without it.',
      },
      world,
    ),
  ]);
  return [isOldGit(git) ? { ...git, problem: `git ${git.version} is too old. Install 2.38 or newer.` } : git, tmux];
}

interface Wanted {
  readonly name: string;
  readonly command: string;
  /** Empty: the program is not started, its presence is enough. */
  readonly versionArgs: readonly string[];
  readonly install: string;
}

/** True where every number of a version is known and the first that differs is larger. */
function isNewer(version: string | null, than: string | null): boolean {
  const numbers = (text: string | null) =>
    /^\d+(?:\.\d+)*/
      .exec(text ?? '')?.[0]
      .split('.')
      .map(Number) ?? [];
  const [ours, theirs] = [numbers(version), numbers(than)];
  if (ours.length === 0 || theirs.length === 0) return false;
  const at = Array.from({ length: Math.max(ours.length, theirs.length) }, (_, one) => one).find(
    one => (ours[one] ?? 0) !== (theirs[one] ?? 0),
  );
  return at !== undefined && (ours[at] ?? 0) > (theirs[at] ?? 0);
}

async function probe(wanted: Wanted, world: ProbeWorld): Promise<ProbeResult> {
  const path = findProgram(wanted.command, world);
  const known = { name: wanted.name, install: wanted.install, path, newerThan: null };
  if (path === null) {
    return { ...known, found: false, version: null, problem: `"${wanted.command}" is not on the PATH.` };
  }
  if (wanted.versionArgs.length === 0) return { ...known, found: true, version: null, problem: null };
  const words = [wanted.command, ...wanted.versionArgs].join(' ');
  try {
    const { exitCode, output, timedOut } = await world.run([path, ...wanted.versionArgs], {
      cwd: world.cwd,
      env: definedOnly(world.env),
      timeoutMs: timeLimitMs,
    });
    const version = versionIn(output);
    const problem = timedOut
      ? `"${words}" did not respond within ${timeLimitMs / 1000} seconds.`
      : exitCode !== 0
        ? `"${words}" ended with ${exitCode === null ? 'no exit code' : `exit code ${exitCode}`}.`
        : null;
    return { ...known, found: true, version: problem === null ? version : null, problem };
  } catch {
    return { ...known, found: true, version: null, problem: `Cannot start "${words}".` };
  }
}

/** The first thing in the output that looks like a version, e.g. `2.39.5`, `3.3a`, `1.0.44-1`. */
function versionIn(output: string): string | null {
  return /\d{1,6}\.\d{1,6}(?:\.\d{1,6})?(?:[\w.+-]{0,40}\w)?/.exec(output.slice(0, 4096))?.[0] ?? null;
}

function isOldGit(git: ProbeResult): boolean {
  if (git.version === null) return false;
  const [major = 0, minor = 0] = git.version.split('.').map(Number);
  return major < leastGit[0] || (major === leastGit[0] && minor < leastGit[1]);
}

/** Where a command would be found, as the system would look: a path as it is, a name along `PATH`. */
export function findProgram(command: string, world: Pick<ProbeWorld, 'env' | 'cwd'>): string | null {
  if (command.includes('/')) {
    const path = isAbsolute(command) ? command : resolve(world.cwd, command);
    return isProgram(path) ? path : null;
  }
  // Skips empty or relative entries and those inside the repository: a probe must not run anything from there.
  const inside = `${resolve(world.cwd)}${sep}`;
  const folders = (world.env.PATH ?? '')
    .split(delimiter)
    .filter(folder => isAbsolute(folder) && !`${resolve(folder)}${sep}`.startsWith(inside));
  return folders.map(folder => join(folder, command)).find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** An environment without names that are not set. */
export function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
