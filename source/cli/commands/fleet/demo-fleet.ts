import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../adapters/fleet/free-port.ts';
import { type InheritedProgram, runBeside } from '../../../adapters/processes/run-inherited.ts';
import { runProgram } from '../../../adapters/processes/run-program.ts';
import { findProgram } from '../../../agents/launch/probe.ts';
import { demoWorkers, fleetRoadmap } from '../../../demo/fleet-items.ts';
import type { Run } from '../../../demo/sample-repository.ts';
import { CmError } from '../../../domain/errors.ts';
import { writeError } from '../../output/output.ts';
import { openContext } from '../../session/context.ts';
import { readState } from '../../session/read-state.ts';

/** Workers of the demo; the second one is killed half-way and started again. */
const names = Array.from({ length: demoWorkers }, (_, index) => `w${index + 1}`);

const victim = 'w2';
const pollMs = 300;
/** Long enough that the screen says that there is no contact with it. */
const awayMs = 25_000;
const servers = ['redis-server', 'valkey-server'];

/** Other machines for the demo, all of them on this one: an engine, a depot and three workers. */
export class DemoFleet {
  readonly #parent: string;
  readonly #repo: string;
  readonly #engine: InheritedProgram;
  readonly #join: string;
  readonly #workers = new Map<string, InheritedProgram>();
  readonly #over = new AbortController();

  /** Adds items to the sample repository and makes everything; the workers are accepted once the program runs. */
  static async start(parent: string, repo: string, run: Run): Promise<DemoFleet> {
    const server = findServer();
    const port = await freePort();
    await appendFile(join(repo, 'docs/roadmap/ROADMAP.md'), fleetRoadmap);
    await run('git', ['commit', '--quiet', '--no-verify', '--all', '-m', 'Plan more for the shop'], repo);
    const where = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', parent, '--save', '', '--appendonly', 'no'];
    const engine = beside(parent, 'engine', server, [...where, '--maxmemory-policy', 'noeviction']);
    try {
      const init = ['fleet', 'init', '--repo', repo, '--engine', `redis://127.0.0.1:${port}`];
      const made = await runProgram(process.execPath, [self(), ...init], repo);
      const line = /worker --join '([^']+)'/.exec(made.output)?.[1];
      if (made.exitCode !== 0 || line === undefined)
        throw new CmError(`The demo has no depot: ${made.output.trim()}`, 3);
      await runProgram(process.execPath, [self(), 'config', 'set', '--repo', repo, 'fleet.local', 'false'], repo);
      return new DemoFleet(parent, repo, engine, line);
    } catch (error) {
      engine.signal('SIGKILL');
      throw error;
    }
  }

  private constructor(parent: string, repo: string, engine: InheritedProgram, line: string) {
    this.#parent = parent;
    this.#repo = repo;
    this.#engine = engine;
    this.#join = line;
    for (const name of names) this.#startWorker(name);
  }

  /** Accepts the workers as they are heard of; then kills one in the middle of its work, and starts it again. */
  async direct(): Promise<void> {
    const { signal } = this.#over;
    const context = await openContext({ repo: this.#repo });
    const accepted = new Set<string>();
    let killed = false;
    while (!signal.aborted) {
      const { state, coordinator } = await readState(context).catch(() => ({ state: null, coordinator: null }));
      const heard = coordinator === null ? [] : (state?.machines ?? []).map(({ name }) => name);
      for (const name of heard.filter(one => !accepted.has(one))) {
        const accept = ['fleet', 'accept', name, '--yes', '--repo', this.#repo];
        const { exitCode } = await runProgram(process.execPath, [self(), ...accept], this.#repo);
        if (exitCode === 0) accepted.add(name);
      }
      const atWork = state?.instances.some(one => one.state === 'running' && one.remote?.worker === victim) === true;
      if (atWork && !killed) {
        killed = true;
        void this.#killAndStartAgain();
      }
      await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async stop(): Promise<void> {
    this.#over.abort();
    const workers = [...this.#workers.values()];
    for (const one of workers) one.signal('SIGKILL');
    this.#engine.signal('SIGKILL');
    await Promise.all([...workers, this.#engine].map(one => one.ended));
  }

  /** Its agents live on meanwhile, and are found again. */
  async #killAndStartAgain(): Promise<void> {
    writeError(`The demo kills the worker ${victim} now, and starts it again in ${awayMs / 1000} seconds.`);
    this.#workers.get(victim)?.signal('SIGKILL');
    await sleep(awayMs, undefined, { signal: this.#over.signal }).catch(() => undefined);
    if (!this.#over.signal.aborted) this.#startWorker(victim);
  }

  #startWorker(name: string): void {
    const dir = join(this.#parent, name);
    const args = [self(), 'worker', '--join', this.#join, '--name', name, '--dir', dir, '--slots', '2'];
    this.#workers.set(name, beside(this.#parent, name, process.execPath, args));
  }
}

function self(): string {
  return process.argv[1] ?? 'cm-tui';
}

function beside(parent: string, name: string, file: string, args: readonly string[]): InheritedProgram {
  return runBeside(file, args, { cwd: parent, env: process.env, log: join(parent, `${name}.log`) });
}

/** An engine that this machine has. */
function findServer(): string {
  const found = servers
    .map(name => findProgram(name, { env: process.env, cwd: process.cwd() }))
    .find(one => one !== null);
  if (found != null) return found;
  throw new CmError(
    'The demo needs an engine for other machines. Install one, for example with "apt-get install redis-server", and run it again.',
    3,
  );
}
