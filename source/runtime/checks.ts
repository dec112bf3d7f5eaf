import type { Message } from '../coordinator/state/messages.ts';
import type { State } from '../coordinator/state/state.ts';
import { buildCheckRunId, checkRunName, checkScript, checkSlotId, commandName } from '../domain/checks.ts';
import { CmError } from '../domain/errors.ts';
import type { ProcessIdentity, RunId } from '../domain/ids.ts';
import type { Instance } from '../domain/instance.ts';
import type { CheckResult, CheckRun } from '../domain/queue/merge-entry.ts';
import type { Settings } from '../domain/settings.ts';
import { FailingLines } from '../domain/text/failing-lines.ts';
import { sanitizeLine } from '../domain/text/sanitize.ts';
import type { AgentReader, RunSignal } from '../ports/agents.ts';
import type { RunStatus } from '../ports/processes.ts';
import type { RuntimeDeps } from './deps.ts';

type Timeless = Message extends infer M ? (M extends Message ? Omit<M, 'at' | 'entropy'> : never) : never;

interface Host {
  readonly state: () => State;
  readonly post: (message: Timeless) => void;
}

/** Checks that are of no use to anybody any more: SIGTERM at once, SIGKILL after this. */
const strayGraceMs = [0, 2000] as const;
/** Checks that took too long may say where they were. */
const lateGraceMs = [1000, 2000] as const;
/** Characters of output kept in the one-sentence reason of a failure. */
const detailLength = 300;
/** Lines of output in that sentence, and characters of each line that is kept beside it. */
const detailLines = 3;
const lineLength = 300;
/** A shell reports a command that one of these ended as 128 and the signal: somebody stopped it, it did not fail. */
const stoppedBySignal: ReadonlySet<number> = new Set([1, 2, 9, 15].map(signal => 128 + signal));

type CheckSettings = Pick<Settings, 'checks' | 'checkKeep' | 'checkTimeout'>;
type End = RunStatus | 'too-late' | 'stopped';

/**
 * Runs the checks of candidates, each as a separate run under the shim: it continues when cm-tui ends, and the next start finds it by its
 * id, takes its result or waits for it, with its time limit counted from its real start.
 */
export class Checks {
  readonly #deps: RuntimeDeps;
  readonly #host: Host;
  readonly #stops = new Map<RunId, () => void>();
  readonly #watches = new Set<() => void>();

  constructor(deps: RuntimeDeps, host: Host) {
    this.#deps = deps;
    this.#host = host;
  }

  /** Resolves when the checks that the instance's `merge.check` names have ended. Throws where they cannot be looked at. */
  async run(instance: Instance): Promise<CheckResult> {
    const { check } = instance.merge;
    if (check === undefined) throw new CmError('No checks were given.');
    const { processes } = this.#deps;
    // What was begun ends as it began, whatever is set meanwhile.
    const { settings } = this.#host.state();
    const id = buildCheckRunId(check);
    const name = checkRunName(instance.slug);
    const known = await processes.probe(id, name, check.process);
    const status = known.status === 'not-started' ? await this.#start(instance, check, id, name, settings) : known;
    if (status.status === 'unknown') throw new CmError(`Cannot read the checks: ${status.message}.`);
    const failing = this.#track(id, name);
    let end: End = status;
    if (status.status === 'alive') {
      end = await this.#wait(
        instance.runId,
        id,
        name,
        status.process,
        this.#known(instance.runId, check, status.process),
        settings.checkTimeout,
      );
    }
    await this.#sweep(check.slot);
    await this.#deps.logs.drain(id);
    return this.#judge(check, end, id, failing.lines(), settings);
  }

  /** Ends the checks of a branch whose result nobody waits for any more. */
  stop(runId: RunId): void {
    this.#stops.get(runId)?.();
  }

  /** cm-tui quits: checks continue, nobody watches them. */
  close(): void {
    for (const stopWatching of this.#watches) stopWatching();
    this.#watches.clear();
  }

  async #start(
    instance: Instance,
    check: CheckRun,
    id: RunId,
    name: string,
    settings: CheckSettings,
  ): Promise<RunStatus> {
    const { git, launcher, processes } = this.#deps;
    await this.#sweep(check.slot);
    const cwd = await git.checkoutCandidate(check.candidate, settings.checkKeep, check.slot);
    const env = {
      ...launcher.environment(instance),
      CM_RUN_ID: id,
      CM_CANDIDATE: check.candidate,
      CM_CHECK_SLOT: String(check.slot),
    };
    const args = ['-c', checkScript(settings.checks, this.#slotId(check.slot))];
    const process = await processes.start({ runId: id, runName: name, file: '/bin/sh', args, cwd, env, stdin: null });
    return { status: 'alive', process };
  }

  /** Journals the process where that was not known yet. Returns the monotonic time from which its limit counts. */
  #known(runId: RunId, check: CheckRun, process: ProcessIdentity): number {
    if (check.process !== null && check.startedUp !== null) return check.startedUp;
    const up = this.#deps.clock.monotonic();
    this.#host.post({ type: 'check-running', runId, number: check.number, process, up });
    return up;
  }

  /** `limit`: seconds, 0 for none. */
  #wait(
    runId: RunId,
    id: RunId,
    name: string,
    process: ProcessIdentity,
    startedUp: number,
    limit: number,
  ): Promise<End> {
    const { clock, processes } = this.#deps;
    return new Promise(resolve => {
      let ending: 'too-late' | 'stopped' | null = null;
      const done = (end: End) => {
        stopWatching();
        cancelTimer();
        this.#watches.delete(leave);
        if (this.#stops.get(runId) === stop) this.#stops.delete(runId);
        resolve(ending ?? end);
      };
      const endThen = (why: 'too-late' | 'stopped', graceMs: readonly [number, number]) => {
        ending = why;
        void processes.killTree(id, name, process, { graceMs }).finally(() => done(why));
      };
      const stopWatching = processes.watch(id, name, process, done);
      const left = startedUp + limit * 1000 - clock.monotonic();
      const cancelTimer =
        limit === 0 ? () => undefined : clock.setTimer(Math.max(1, left), () => endThen('too-late', lateGraceMs));
      const leave = () => {
        stopWatching();
        cancelTimer();
      };
      this.#watches.add(leave);
      const stop = (): void => endThen('stopped', strayGraceMs);
      this.#stops.set(runId, stop);
    });
  }

  /** `failing`: the lines of output that say what failed. */
  async #judge(
    check: CheckRun,
    end: End,
    id: RunId,
    failing: readonly string[],
    settings: CheckSettings,
  ): Promise<CheckResult> {
    const { candidate, commandHash, tree } = check;
    const known = { candidate, ...(tree === undefined ? {} : { tree }), commandHash };
    const result = (outcome: CheckResult['outcome'], detail: string) => ({ ...known, outcome, detail });
    const lines = failing.map(line => sanitizeLine(line, lineLength));
    const bad = (outcome: 'failed' | 'error', how: string) => ({
      ...result(outcome, this.#sentence(id, how, lines, settings)),
      ...(lines.length === 0 ? {} : { lines }),
    });
    if (end === 'too-late') return bad('error', `took longer than ${settings.checkTimeout} s`);
    if (end === 'stopped' || end.status !== 'exited') return bad('error', 'was killed');
    if (stoppedBySignal.has(end.exitCode)) return bad('error', 'was killed');
    if (end.exitCode !== 0) return bad('failed', `exit code ${end.exitCode}`);
    if (!(await this.#deps.git.candidateIntact(candidate, check.slot))) {
      return result('error', 'the checks changed the tree they were checking');
    }
    const count = settings.checks.length;
    return result('passed', count === 1 ? '1 check passed' : `${count} checks passed`);
  }

  /** Which command it was, how it ended, and what failed in the words of its output: else the last it printed. */
  #sentence(id: RunId, how: string, failing: readonly string[], settings: CheckSettings): string {
    const names = settings.checks.map(commandName);
    const headings = new Set(names.map(name => `$ ${name}`));
    const lines = this.#deps.logs.tail(id).map(({ text }) => text);
    const at = lines.findLastIndex(line => headings.has(line));
    const name = lines[at]?.slice(2) ?? names[0] ?? '';
    const last = lines.slice(at + 1).slice(-detailLines);
    const words =
      failing.length > 0
        ? failing
            .slice(0, detailLines)
            .map(line => line.trim())
            .join(' | ')
            .slice(0, detailLength)
        : last.join(' | ').trim().slice(-detailLength);
    return `check "${name}": ${how}${words === '' ? '' : `: ${words}`}`;
  }

  /** Ends whatever an earlier run of the checks has left in that place. */
  async #sweep(slot: number): Promise<void> {
    const cookie = this.#slotId(slot);
    await this.#deps.processes.killTree(cookie, cookie, null, { graceMs: strayGraceMs });
  }

  #slotId(slot: number): RunId {
    return checkSlotId(this.#host.state().repository?.commonDir ?? '', slot);
  }

  /**
   * Reads the log of the checks from its start. Returns what in it says that something failed, once it has been read to its end. Checks
   * are programs of any kind: their lines are shown as they are.
   */
  #track(id: RunId, name: string): { lines(): readonly string[] } {
    let found: readonly string[] = [];
    const createReader = (): AgentReader => {
      const failing = new FailingLines();
      return {
        read: text => {
          failing.add(sanitizeLine(text));
          return [{ type: 'line', kind: 'text', text }];
        },
        // As a signal, so that the log takes secrets out of it as it does of its lines.
        end: () => [{ type: 'result', ok: false, message: failing.lines().join('\n') }],
      };
    };
    const hear = (_: RunId, signal: RunSignal): void => {
      if (signal.type === 'result') found = signal.message.split('\n').filter(line => line !== '');
    };
    this.#deps.logs.track(id, name, createReader, hear, { fromStart: true });
    return { lines: () => found };
  }
}
