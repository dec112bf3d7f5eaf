import type { Timeless } from '../coordinator/state/messages.ts';
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
import { type AwaitedEnd, EndWaiter, strayGraceMs } from './reading/end-waiter.ts';

interface Host {
  readonly state: () => State;
  readonly post: (message: Timeless) => void;
}

/** Characters of output kept in the one-sentence reason of a failure. */
const detailLength = 300;
/** Lines of output in that sentence, and characters of each line that is kept beside it. */
const detailLines = 3;
const lineLength = 300;
/** A shell reports a command that one of these ended as 128 and the signal: somebody stopped it, it did not fail. */
const stoppedBySignal: ReadonlySet<number> = new Set([1, 2, 9, 15].map(signal => 128 + signal));

type CheckSettings = Pick<Settings, 'checks' | 'checkKeep' | 'checkTimeout'>;

/**
 * Runs the checks of candidates, each as a separate run under the shim: it continues when cm-tui ends, and the next start finds it by its
 * id, takes its result or waits for it, with its time limit counted from its real start.
 */
export class Checks {
  readonly #deps: RuntimeDeps;
  readonly #host: Host;
  readonly #ends: EndWaiter;

  constructor(deps: RuntimeDeps, host: Host) {
    this.#deps = deps;
    this.#host = host;
    this.#ends = new EndWaiter(deps);
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
    let end: AwaitedEnd = status;
    if (status.status === 'alive') {
      const { process } = status;
      const startedUp = this.#known(instance.runId, check, process);
      const { checkTimeout: limit } = settings;
      end = await this.#ends.wait({ key: instance.runId, id, name, process, startedUp, limit });
    }
    await this.#sweep(check.slot);
    await this.#deps.logs.drain(id);
    return this.#judge(check, end, id, failing.lines(), settings);
  }

  /** Ends the checks of a branch whose result nobody waits for any more. */
  stop(runId: RunId): void {
    this.#ends.stop(runId);
  }

  /** cm-tui quits: checks continue, nobody watches them. */
  close(): void {
    this.#ends.close();
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

  /** `failing`: the lines of output that say what failed. */
  async #judge(
    check: CheckRun,
    end: AwaitedEnd,
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
