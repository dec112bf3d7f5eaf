import type { RunSignals } from '../../coordinator/state/handle.ts';
import type { Timeless } from '../../coordinator/state/messages.ts';
import type { State } from '../../coordinator/state/state.ts';
import { costCapsOf } from '../../domain/cost/caps.ts';
import type { RunId } from '../../domain/ids.ts';
import type { AgentResult, Instance } from '../../domain/instance.ts';
import { endOf, endsInQuestion } from '../../domain/text/last-words.ts';
import { withLiveUsage } from '../../domain/usage.ts';
import type { RunSignal } from '../../ports/agents.ts';
import type { RuntimeDeps } from '../deps.ts';
import { Limits } from './limits.ts';
import { LiveSignals } from './live-signals.ts';

interface Host {
  readonly state: () => State;
  readonly post: (message: Timeless) => void;
}

/** Lines at the end of an output in which a question is looked for. */
const lastLines = 12;

/**
 * Listens to the agents: what their output says becomes facts (verdicts, sessions, rate limits), live signals (what they do and use just
 * now) and the end of those that are over their limits.
 */
export class AgentOutput {
  readonly #deps: RuntimeDeps;
  readonly #host: Host;
  readonly #signals: LiveSignals;
  readonly #limits: Limits;

  constructor(deps: RuntimeDeps, host: Host) {
    this.#deps = deps;
    this.#host = host;
    this.#signals = new LiveSignals(deps.logs);
    this.#limits = new Limits(deps.clock, deps.logs, {
      state: host.state,
      reached: (runId, cause, seconds) => host.post({ type: 'limit-reached', runId, cause, seconds }),
      silent: runIds => host.post({ type: 'silent', runIds }),
      wake: () => host.post({ type: 'tick' }),
      interactive: instance => deps.launcher.isInteractive(instance.agent),
    });
  }

  /** Reads a run's logs from their beginning, and continues as they grow. */
  follow({ runId, slug, agent }: Instance): void {
    const { launcher, logs } = this.#deps;
    const createReader = () => launcher.createReader(agent);
    logs.track(runId, slug, createReader, (_, signal, old) => this.#hear(runId, signal, old), { fromStart: true });
    this.#signals.follow(runId);
  }

  signals(): Readonly<Record<RunId, RunSignals>> {
    return this.#signals.all();
  }

  /** To be called whenever the state has changed: limits are looked at, unless nothing may be changed here. */
  stateChanged(): void {
    if (this.#deps.journal !== null) this.#limits.look();
  }

  stop(): void {
    this.#limits.stop();
  }

  /**
   * The agent's own verdict, once all it wrote has been read. A run whose end we did not see (we were not there) is read from its start;
   * one that was judged before has its verdict in the journal.
   */
  async verdict(instance: Instance): Promise<Pick<AgentResult, 'ok' | 'message' | 'asks'> | null> {
    const { runId, state } = instance;
    if (this.#deps.journal !== null && (state === 'completed' || state === 'stopping')) {
      if (!this.#signals.follows(runId)) this.follow(instance);
      await this.#deps.logs.drain(runId);
      const usage = this.#signals.usageOf(runId);
      if (usage !== null) this.#host.post({ type: 'usage', runId, usage });
      this.#signals.does(runId, null);
    }
    const now = this.#find(runId) ?? instance;
    return now.result ?? this.#failureWords(now) ?? this.#lastWords(now);
  }

  #find(runId: RunId): Instance | undefined {
    return this.#host.state().instances.find(instance => instance.runId === runId);
  }

  #hear(runId: RunId, signal: RunSignal, old: boolean): void {
    const { clock, logs } = this.#deps;
    switch (signal.type) {
      case 'session':
        return this.#host.post({ type: 'session', runId, sessionId: signal.id });
      case 'session-lost':
        return this.#host.post({ type: 'session', runId, sessionId: null });
      case 'rate-limited': {
        const agent = this.#find(runId)?.agent;
        // Of one from before our start only the journal knows until when it was.
        if (old || agent === undefined) return;
        // From when it was written, not from when we read it: read again after a restart it ends no later.
        const written = Math.min(clock.now(), logs.lastOutput(runId) ?? clock.now());
        return this.#host.post({
          type: 'cooldown',
          runId,
          agent,
          until: signal.retryAfterMs === null ? null : written + signal.retryAfterMs,
        });
      }
      case 'result': {
        const { type: _, ...said } = signal;
        return this.#host.post({ type: 'reported', runId, ...said, up: clock.monotonic() });
      }
      case 'refused':
        return this.#host.post({ type: 'refused', runId, words: signal.words, number: this.#signals.refusals(runId) });
      case 'asked':
      case 'answered':
        return this.#host.post({ ...signal, runId });
      case 'message':
      case 'interrupted': {
        const { text = null, now = false } = signal.type === 'message' ? signal : {};
        return this.#host.post({ type: 'said', runId, text, now, number: this.#signals.saidTo(runId) });
      }
      case 'plan':
        return this.#signals.plans(runId, signal);
      case 'usage':
        this.#signals.used(runId, signal);
        return this.#lookAtCost(runId);
      case 'activity':
        this.#signals.does(runId, signal.text);
        if (signal.text !== null && !old) this.#limits.worked(runId);
        return;
    }
  }

  /** A run that has cost too much is stopped; what it did stays on its branch. */
  #lookAtCost(runId: RunId): void {
    const cap = costCapsOf(this.#host.state().settings.costCapUsd).run;
    const instance = this.#find(runId);
    if (cap === undefined || instance?.state !== 'running') return;
    const { usage } = withLiveUsage(instance, this.#signals.usageOf(runId));
    if ((usage?.costUsd ?? 0) >= cap) this.#host.post({ type: 'limit-reached', runId, cause: 'cost', seconds: 0 });
  }

  /** Why a run failed that reported no result: what its exit code stands for, or else its last error words. */
  #failureWords({ runId, agent, exitCode }: Instance): Pick<AgentResult, 'ok' | 'message'> | null {
    if (exitCode === null || exitCode === 0) return null;
    const known = this.#deps.launcher.explainExit(agent, exitCode);
    const last = this.#deps.logs.tail(runId).findLast(({ stream, text }) => stream === 'err' && text.trim() !== '');
    const message = known ?? last?.text.trim();
    return message === undefined ? null : { ok: false, message };
  }

  /** What the output of a program ended with that reports no result of its own: perhaps it asks something. */
  #lastWords({ runId, exitCode, state }: Instance): Pick<AgentResult, 'ok' | 'message' | 'asks'> | null {
    if (exitCode !== 0 || state !== 'completed') return null;
    const said = this.#deps.logs.tail(runId).filter(({ stream, kind }) => stream === 'out' && kind === 'text');
    const text = said
      .slice(-lastLines)
      .map(line => line.text)
      .join('\n')
      .trim();
    if (text === '') return null;
    const asks = endsInQuestion(text) ? { asks: true as const } : {};
    const words = {
      ok: true,
      message: endOf(
        text
          .split('\n')
          .map(line => line.trim())
          .join(' '),
        400,
      ),
      ...asks,
    };
    this.#host.post({ type: 'reported', runId, ...words, up: this.#deps.clock.monotonic() });
    return words;
  }
}
