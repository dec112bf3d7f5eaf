import type { Effect } from '../../coordinator/state/effects.ts';
import type { Outcome, Timeless } from '../../coordinator/state/messages.ts';
import { allItems } from '../../coordinator/state/planning.ts';
import type { State } from '../../coordinator/state/state.ts';
import { CmError } from '../../domain/errors.ts';
import type { ProcessIdentity, RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import { raceOf } from '../../domain/race/race.ts';
import { readFindings } from '../../domain/review/findings.ts';
import { parseDiff } from '../../domain/review/parse-diff.ts';
import { placeFinding } from '../../domain/review/placed-finding.ts';
import { type AgentReading, type ReadingPurpose, readingRunId, readingRunName } from '../../domain/review/reading.ts';
import type { ReadingResult } from '../../ports/reading/reading-result.ts';
import type { RuntimeDeps } from '../deps.ts';
import { type AwaitedEnd, EndWaiter, strayGraceMs } from './end-waiter.ts';
import { OutputCollector, type ReadOutput } from './read-output.ts';

interface Host {
  readonly state: () => State;
  readonly post: (message: Timeless) => void;
}

/** Seconds that a reading may take unless `agentTimeout` is shorter. */
const longest = 1800;
/** Characters of what an agent says that stand in the reason of a failure. */
const lastWords = 300;

/**
 * Has agents read finished work, each as a process of its own under the shim, in an integration worktree that nothing else uses. It continues
 * when cm-tui ends, and the next start finds it by its id.
 */
export class ReadingRunner {
  readonly #deps: RuntimeDeps;
  readonly #host: Host;
  readonly #ends: EndWaiter;

  constructor(deps: RuntimeDeps, host: Host) {
    this.#deps = deps;
    this.#host = host;
    this.#ends = new EndWaiter(deps);
  }

  /** The same as an outcome of the effect. */
  async perform(instance: Instance, purpose: ReadingPurpose): Promise<Outcome> {
    const { runId, readings } = instance;
    const number = readings?.[purpose]?.number ?? 0;
    return { type: 'read', runId, purpose, number, result: await this.run(instance, purpose) };
  }

  /** Resolves when the reading that the instance names has ended. Throws where it cannot be started, or looked at. */
  async run(instance: Instance, purpose: ReadingPurpose): Promise<ReadingResult> {
    const reading = instance.readings?.[purpose];
    if (reading === undefined) throw new CmError('Nothing is to be read.');
    const { processes, logs } = this.#deps;
    const id = readingRunId(instance.runId, purpose, reading);
    const name = readingRunName(purpose, instance.slug);
    const known = await processes.probe(id, name, reading.process);
    const status = known.status === 'not-started' ? await this.#start(instance, purpose, reading, id) : known;
    if (status.status === 'unknown') throw new CmError(`Cannot read what became of it: ${status.message}.`);
    const collector = new OutputCollector();
    const createReader = () => collector.wrap(this.#deps.launcher.createReader(reading.agent));
    logs.track(id, name, createReader, (_, signal) => collector.hear(signal), { fromStart: true });
    let end: AwaitedEnd = status;
    if (status.status === 'alive') {
      const startedUp = this.#known(instance.runId, purpose, reading, status.process);
      const { agentTimeout } = this.#host.state().settings;
      const limit = agentTimeout === 0 ? longest : Math.min(agentTimeout, longest);
      end = await this.#ends.wait({ key: id, id, name, process: status.process, startedUp, limit });
    }
    // Nothing that it started may continue in the worktree that is looked at now.
    await processes.killTree(id, name, null, { graceMs: strayGraceMs });
    await logs.drain(id);
    // Where nobody waits for it, another one may read there already.
    const changed = end !== 'stopped' && (await this.#putBack(reading));
    return this.#judge(instance, purpose, reading, { end, changed, heard: collector.heard });
  }

  /** Ends the processes of a reading that nobody waits for any more. */
  async stop({ runId, purpose, number, process }: Extract<Effect, { type: 'reading.stop' }>): Promise<void> {
    const id = readingRunId(runId, purpose, { number });
    if (this.#ends.stop(id)) return;
    const instance = this.#host.state().instances.find(one => one.runId === runId);
    if (instance === undefined) return;
    const name = readingRunName(purpose, instance.slug);
    await this.#deps.processes.killTree(id, name, process, { graceMs: strayGraceMs });
  }

  /** cm-tui quits: readings continue, nobody watches them. */
  close(): void {
    this.#ends.close();
  }

  async #start(instance: Instance, purpose: ReadingPurpose, reading: AgentReading, id: RunId) {
    const { git, launcher, processes } = this.#deps;
    const state = this.#host.state();
    const worktree = await git.checkoutCandidate(reading.head, [], reading.slot);
    const runs = purpose === 'judge' ? this.#compared(instance, reading) : [instance];
    const diffs = await Promise.all(runs.map(async run => ({ run, diff: await git.diff(run) })));
    const request = await launcher.read({
      runId: id,
      runName: readingRunName(purpose, instance.slug),
      purpose,
      agent: reading.agent,
      worktree,
      instance,
      item: allItems(state).find(one => one.id === instance.priorityId),
      diffs,
    });
    return { status: 'alive' as const, process: await processes.start(request) };
  }

  #compared(instance: Instance, { of = '' }: AgentReading): readonly Instance[] {
    const ids = of.split(' ').map(one => one.split('@')[0]);
    return raceOf(this.#host.state().instances, instance).filter(({ runId }) => ids.includes(runId));
  }

  /** Journals the process where that was not known yet. Returns the monotonic time from which its limit counts. */
  #known(runId: RunId, purpose: ReadingPurpose, reading: AgentReading, process: ProcessIdentity): number {
    if (reading.process !== null && reading.startedUp !== null) return reading.startedUp;
    const up = this.#deps.clock.monotonic();
    this.#host.post({ type: 'reading-running', runId, purpose, number: reading.number, process, up });
    return up;
  }

  /** True where its worktree is not what it was given to read; it is made again then. */
  async #putBack({ head, slot }: AgentReading): Promise<boolean> {
    const { git } = this.#deps;
    if (await git.candidateIntact(head, slot)) return false;
    await git.checkoutCandidate(head, [], slot);
    return true;
  }

  async #judge(
    instance: Instance,
    purpose: ReadingPurpose,
    { agent }: AgentReading,
    { end, changed, heard }: { readonly end: AwaitedEnd; readonly changed: boolean; readonly heard: ReadOutput },
  ): Promise<ReadingResult> {
    const { usage, text, limit } = heard;
    const failed = (words: string): ReadingResult => {
      const until = limit?.retryAfterMs ?? null;
      const at = until === null ? null : this.#deps.clock.now() + until;
      return {
        outcome: 'failed',
        words,
        findings: [],
        usage,
        changed,
        limit: limit === null ? null : { until: at },
      };
    };
    const problem = endProblem(end, heard) ?? (await this.#explained(agent, end, heard));
    if (problem !== null) return failed(problem);
    const done = { outcome: 'done', usage, changed, limit: null } as const;
    if (purpose === 'judge')
      return text.trim() === '' ? failed('it said nothing') : { ...done, words: text, findings: [] };
    const { findings, words } = readFindings(text);
    if (findings === null) return failed(`it did not say what it found: ${ending(text)}`);
    const diff = parseDiff(await this.#deps.git.diff(instance));
    return { ...done, words, findings: findings.map(finding => placeFinding(diff, finding)) };
  }

  async #explained(agent: string, end: AwaitedEnd, { ok, message }: ReadOutput): Promise<string | null> {
    const code = typeof end === 'object' && end.status === 'exited' ? end.exitCode : 0;
    if (ok === false) return message;
    if (code === 0) return null;
    return this.#deps.launcher.explainExit(agent, code) ?? `exit code ${code}`;
  }
}

/** How it ended, where that alone says that it gave no answer; null: it came to its own end. */
function endProblem(end: AwaitedEnd, { text }: ReadOutput): string | null {
  if (end === 'too-late') return 'it took too long and was stopped';
  if (end === 'stopped' || end.status !== 'exited') return 'it was killed';
  return end.exitCode !== 0 && text.trim() !== '' ? `exit code ${end.exitCode}: ${ending(text)}` : null;
}

function ending(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').slice(-lastWords);
}
