import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createProcesses } from '../../../adapters/processes/processes.ts';
import { type InheritedProgram, runInherited } from '../../../adapters/processes/run-inherited.ts';
import { runProgram } from '../../../adapters/processes/run-program.ts';
import { demoWorkers, fleetItems } from '../../../demo/fleet-items.ts';
import { commitUserEdit, createSampleRepository, type Run, sampleItems } from '../../../demo/sample-repository.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import { writeError } from '../../output/output.ts';
import { canAsk } from '../../output/prompt.ts';
import { openContext } from '../../session/context.ts';
import { readInstances } from '../../session/read-instances.ts';
import { type DemoOutcome, judgeDemo } from './demo-outcome.ts';

interface DemoOptions {
  readonly keep?: boolean;
  readonly headless?: boolean;
  /** With three workers, as if on other machines. */
  readonly fleet?: boolean;
}

const pollMs = 50;

/**
 * `cm-tui demo`: creates the sample repository in a temporary folder and runs this program on it with the demo agent, as a user would.
 * While US-046 is running it commits the change that US-046 will conflict with. The last line is one JSON object, `demo-finished`.
 */
export async function demoCommand(options: DemoOptions): Promise<ExitCode> {
  const headless = options.headless === true;
  if (!headless && !canAsk()) {
    throw new CmError('Not a terminal. Use "cm-tui demo --headless".', 3);
  }
  const parent = await realpath(await mkdtemp(join(tmpdir(), 'cm-tui-demo-')));
  const repo = join(parent, 'corner-shop');
  isolate(parent);
  try {
    await createSampleRepository(repo, run);
    const code = options.fleet === true ? await playElsewhere(parent, repo, headless) : await play(repo, headless);
    const more = options.fleet === true ? fleetItems : [];
    const outcome = await judgeDemo(await openContext({ repo }), more);
    if (options.keep !== true) await removeAll(parent, repo);
    report(outcome, repo, options.keep === true, options.fleet === true ? { workers: demoWorkers } : {});
    return headless ? headlessCode(code, outcome) : screenCode(code);
  } catch (error) {
    if (options.keep !== true) await removeAll(parent, repo);
    throw error;
  }
}

/**
 * The demo must behave the same for everybody and touch nothing of the user's: no user settings, state in the temporary folder, and no
 * variable that could point git at another repository. It runs in its own process, so changing the environment is safe.
 */
function isolate(parent: string): void {
  const identity = /^GIT_(?:CONFIG_(?:NOSYSTEM|SYSTEM|GLOBAL)|CEILING_DIRECTORIES)$/;
  for (const name of Object.keys(process.env)) {
    if (/^(?:GIT_|CM_TUI_)/.test(name) && !identity.test(name) && name !== 'CM_TUI_DEBUG') delete process.env[name];
  }
  process.env.XDG_CONFIG_HOME = join(parent, 'config');
  process.env.XDG_STATE_HOME = join(parent, 'state');
}

const run: Run = async (file, args, cwd) => {
  const { exitCode, output } = await runProgram(file, args, cwd);
  if (exitCode !== 0) throw new Error(`${file} ${args.join(' ')} failed with exit code ${exitCode}: ${output.trim()}`);
};

/** Runs the program on the sample repository. Returns its exit code, or 130 if the demo itself was stopped. */
async function play(repo: string, headless: boolean): Promise<number> {
  const without = ['--headless', '--approve', 'clean', '--exit-when-idle'];
  const program = runInherited(
    process.execPath,
    [process.argv[1] ?? 'cm-tui', 'start', '--repo', repo, '--auto', ...(headless ? without : [])],
    { cwd: repo, env: process.env },
  );
  const interrupted = passSignalsOn(program);
  const over = new AbortController();
  const edited = editOnceStarted(repo, over.signal).then(
    () => null,
    (error: unknown) => ({ error }),
  );
  const code = await program.ended;
  over.abort();
  const trouble = await edited;
  if (trouble !== null) throw trouble.error;
  return interrupted() ? 130 : code;
}

/** The same with agents on three workers, and one of these is killed half-way. */
async function playElsewhere(parent: string, repo: string, headless: boolean): Promise<number> {
  const { DemoFleet } = await import('../fleet/demo-fleet.ts');
  const fleet = await DemoFleet.start(parent, repo, run);
  const directed = fleet.direct();
  try {
    return await play(repo, headless);
  } finally {
    await fleet.stop();
    await directed;
  }
}

/** Makes the hand edit once US-046 has its worktree: from then on its branch lacks whatever lands on the target. */
async function editOnceStarted(repo: string, signal: AbortSignal): Promise<void> {
  const context = await openContext({ repo });
  while (!signal.aborted) {
    const instances = await readInstances(context);
    const chosen = instances.find(({ key }) => key === sampleItems.conflicting);
    if (chosen !== undefined && chosen.base !== null) return commitUserEdit(repo, run);
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

/** A signal to the demo ends the program first, so that the repository can be removed. Returns whether that happened. */
function passSignalsOn(program: InheritedProgram): () => boolean {
  let interrupted = false;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      interrupted = true;
      program.signal('SIGTERM');
    });
  }
  return () => interrupted;
}

/** Ends agents that still run, then removes the repository and the worktrees beside it. */
async function removeAll(parent: string, repo: string): Promise<void> {
  try {
    const context = await openContext({ repo });
    const processes = createProcesses({ runsDir: join(context.stateDir, 'runs') });
    for (const { runId, slug, process: identity } of await readInstances(context)) {
      const { status } = await processes.probe(runId, slug, identity);
      if (status === 'alive') await processes.killTree(runId, slug, identity);
    }
  } catch {
    // Unfinished or damaged: remove what can be removed.
  }
  await rm(parent, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

function report(outcome: DemoOutcome, repo: string, kept: boolean, more: { readonly workers?: number }): void {
  for (const sentence of outcome.sentences) writeError(sentence);
  if (kept) writeError(`Kept the repository: cd ${repo}`);
  const { landed, factor } = outcome;
  const type = 'demo-finished';
  const line = more.workers === undefined ? { type, repo, landed, factor } : { type, ...more, landed, factor, repo };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** The program exits with 1 here because one item is held back on purpose. */
function headlessCode(code: number, outcome: DemoOutcome): ExitCode {
  if (code === 130) return 130;
  return (code === 0 || code === 1) && outcome.asPlanned ? 0 : 1;
}

function screenCode(code: number): ExitCode {
  if (code === 0 || code === 130) return code;
  return code === 3 ? 3 : 1;
}
