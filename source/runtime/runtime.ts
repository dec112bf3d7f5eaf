import { whyNotRemovable } from '../coordinator/runs/removal.ts';
import type { Effect } from '../coordinator/state/effects.ts';
import type { CoordinatorHandle, DiffOptions, RunSignals } from '../coordinator/state/handle.ts';
import type { Message, Outcome, OutsideReport, Timeless } from '../coordinator/state/messages.ts';
import type { DurableState, Notice, State } from '../coordinator/state/state.ts';
import { initialState, updateAll } from '../coordinator/update.ts';
import { messageOf } from '../domain/errors.ts';
import type { RunId } from '../domain/ids.ts';
import { type Instance, isAlive } from '../domain/instance.ts';
import type { Settings } from '../domain/settings.ts';
import type { Command, CommandAnswer } from '../ports/commands.ts';
import type { CoordinatorEvent } from '../ports/events.ts';
import type { JournalRecord } from '../ports/journal.ts';
import type { LogsPort } from '../ports/logs.ts';
import type { TreeUsage } from '../ports/processes.ts';
import { probeRemoval } from './cleaning.ts';
import type { RuntimeDeps } from './deps.ts';
import { EffectQueue } from './effect-queue.ts';
import { type FleetWatch, watchFleet } from './fleet/fleet-watch.ts';
import { hasUnwatchedRuns, observeWorld } from './observe.ts';
import { perform } from './perform.ts';
import { requireRun, tellers, withUnrecorded } from './present-state.ts';
import { Beside } from './reading/beside.ts';
import { recallLogs } from './recall.ts';
import { readReview } from './review.ts';
import { AgentOutput } from './watch/agent-output.ts';
import { OwnerWatch } from './watch/owner-watch.ts';
import { Pollers } from './watch/pollers.ts';
import { ProcessWatches } from './watch/process-watches.ts';
import { writeSetScopes } from './write-set-scopes.ts';

type Started = Extract<Effect, { readonly effectId: number }>;

/** Runs the core: takes messages one after another, journals facts, performs effects, posts their outcomes back. */
export class Runtime implements CoordinatorHandle {
  readonly role = 'owner' as const;
  readonly logs: LogsPort;
  readonly #deps: RuntimeDeps;
  #state: State;
  readonly #inbox: Message[] = [];
  readonly #effects: EffectQueue;
  #draining = false;
  #stopped = false;
  #notifying = false;
  #busy = 0;
  #requests = 0;
  readonly #answers = new Map<string, (answer: CommandAnswer) => void>();
  readonly #listeners = new Set<() => void>();
  readonly #factListeners = new Set<(record: JournalRecord, event: CoordinatorEvent) => void>();
  readonly #watches: ProcessWatches;
  readonly #listening: AgentOutput;
  readonly #pollers: Pollers;
  readonly #beside: Beside;
  /** Null for a reader, who looks at nothing but git and processes. */
  readonly #owner: OwnerWatch | null;
  /** Null: all agents run here. */
  readonly #fleet: FleetWatch | null;
  readonly #leaving = new AbortController();

  constructor(deps: RuntimeDeps, durable: DurableState) {
    this.#deps = deps;
    this.logs = deps.logs;
    this.#state = initialState(deps.settings, durable, deps.journal === null ? 'reader' : 'owner', deps.oneShot);
    this.#effects = new EffectQueue(deps, {
      carryOut: effect => this.#carryOut(effect),
      recorded: (record, event) => {
        for (const listener of this.#factListeners) listener(record, event);
      },
      notRecorded: message => this.#notice('error', message),
    });
    const core = { state: () => this.#state, post: (message: Timeless) => this.#post(message) };
    const { ended, ...tell } = tellers(core.post);
    this.#watches = new ProcessWatches(deps.processes, ended);
    this.#listening = new AgentOutput(deps, core);
    this.#beside = new Beside(deps, core);
    deps.onForeignRecords?.(count => this.#post({ type: 'journal-changed', count }));
    const warn = (sentence: string) => this.tell('warning', sentence);
    this.#owner = deps.journal === null ? null : new OwnerWatch(deps, { ...core, ...tell, warn });
    this.#fleet = watchFleet(deps, { ...core, warn, isWritten: () => this.#effects.isEmpty });
    this.#pollers = new Pollers(deps, { ...core, warn, reconcile: () => this.reconcile() });
  }

  /** Reads repository, sources and processes, and continues where the journal ends. */
  start(facts: CoordinatorEvent | null): Promise<void> {
    return this.#start(facts).catch((error: unknown) => {
      this.#post({ type: 'start-failed', message: messageOf(error) });
      throw error;
    });
  }

  async #start(facts: CoordinatorEvent | null): Promise<void> {
    if (facts !== null) this.#post({ type: 'fact', event: facts });
    for (const instance of this.#state.instances) if (isAlive(instance.state)) this.#listening.follow(instance);
    this.#pollers.startMachine();
    const [repository, sources, observation] = await Promise.all([
      this.#deps.git.facts(),
      this.#deps.sources.read(),
      observeWorld(this.#deps, this.#state),
      this.#pollers.upstream.read(),
    ]);
    this.#post({ type: 'repository-read', facts: repository });
    this.#post({ type: 'sources-read', sources });
    this.#post({ type: 'observed', observation });
    for (let tries = 0; tries < 3 && hasUnwatchedRuns(this.#state); tries++) await this.reconcile();
    this.#pollers.start(sources.stamp);
    if (this.#stopped) return;
    this.#owner?.start();
    this.#fleet?.start();
  }

  /** Shows the logs of runs that ended before this start, as far as they have panes. */
  readonly recallLogs = (): void => recallLogs(this.#deps.logs, this.#deps.launcher, this.#state);

  tell(level: Notice['level'], text: string): void {
    const at = this.#deps.clock.now();
    this.#post({ type: 'fact', event: { type: 'notice-raised', level, text, runId: null, at } });
  }

  /** Settings files as they are count as a person's from now on. */
  seal(sealed: Readonly<Record<string, string>>): void {
    this.#post({ type: 'fact', event: { type: 'settings-sealed', sealed, at: this.#deps.clock.now() } });
  }

  /** Settings files changed while the checks of a run were at work: as if its agent had changed them. */
  readonly suspect = (runId: RunId, report: OutsideReport): void => this.#post({ type: 'outside-seen', runId, report });

  /** These settings count from the next decision on. */
  adoptSettings(settings: Settings): void {
    this.#post({ type: 'settings-changed', settings });
    this.#pollers.readSources();
  }

  /** One comparison of the state with the world; at start, every 30 s, after SIGCONT. */
  async reconcile(): Promise<void> {
    const observation = await observeWorld(this.#deps, this.#state);
    if (!this.#stopped) this.#post({ type: 'observed', observation });
  }

  /** Stops watching and journals why; agents keep running. */
  stop(reason: string): void {
    if (this.#stopped) return;
    this.#post({ type: 'fact', event: { type: 'coordinator-stopped', reason, at: this.#deps.clock.now() } });
    this.#stopped = true;
    this.#leaving.abort();
    this.#effects.close();
    this.#pollers.stop();
    this.#listening.stop();
    this.#beside.close();
    this.#owner?.stop();
    this.#fleet?.stop();
    this.#watches.stop();
    this.#deps.logs.close();
    this.#deps.journal?.close();
  }

  readonly state = (): State => this.#state;

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls back for each fact once it is in the journal. */
  onFact(listener: (record: JournalRecord, event: CoordinatorEvent) => void): () => void {
    this.#factListeners.add(listener);
    return () => this.#factListeners.delete(listener);
  }

  send(command: Command): Promise<CommandAnswer> {
    const requestId = `r${++this.#requests}`;
    return new Promise(resolve => {
      this.#answers.set(requestId, resolve);
      this.#post({ type: 'command', command, requestId });
    });
  }

  diff(runId: RunId, options?: DiffOptions): Promise<string> {
    return this.#deps.git.diff({ ...this.#instance(runId), ...options });
  }

  readonly review = (runId: RunId) => readReview(this.#deps, this.#state, this.#instance(runId));
  async probeClean() {
    const ended = this.#state.instances.filter(one => whyNotRemovable(one) === null);
    return Promise.all(ended.map(one => probeRemoval(this.#deps, one)));
  }

  readonly usage = (): Readonly<Record<RunId, TreeUsage>> => this.#pollers.usage;

  signals(): Readonly<Record<RunId, RunSignals>> {
    const heard = this.#listening.signals();
    return this.#owner?.addTo(heard) ?? heard;
  }

  /** An effect is under way or a message waits; tests and one-shot commands wait for false. */
  get busy(): boolean {
    return this.#busy > 0 || this.#inbox.length > 0 || !this.#effects.isEmpty;
  }

  /** Resolves when nothing is under way and the first machine reading is in, which is there at once. */
  async settled(): Promise<void> {
    await this.#pollers.firstReading;
    while (this.busy) await new Promise<void>(resolve => this.#deps.clock.setTimer(5, resolve));
  }

  #instance(runId: RunId): Instance {
    return requireRun(this.#state, runId);
  }

  #post(message: Timeless): void {
    if (this.#stopped) return;
    this.#inbox.push({ ...message, at: this.#deps.clock.now(), entropy: this.#deps.clock.newId() });
    this.#drain();
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    try {
      // What comes while a message is worked on is worked on together: the plan is made once for all of it.
      for (let batch = this.#inbox.splice(0); batch.length > 0; batch = this.#inbox.splice(0)) {
        const { state, effects } = updateAll(this.#state, batch);
        const changed = state !== this.#state;
        this.#state = state;
        this.#effects.add(effects);
        if (changed) this.#notify();
      }
    } finally {
      this.#draining = false;
    }
  }

  /** Says something that cannot stand in the journal. */
  #notice(level: Notice['level'], text: string): void {
    const after = withUnrecorded(this.#state, { at: this.#deps.clock.now(), level, text, runId: null });
    if (after === this.#state) return;
    this.#state = after;
    this.#notify();
  }

  #carryOut(effect: Effect): void {
    const readOnly = this.#deps.journal === null;
    switch (effect.type) {
      case 'record':
        return;
      case 'answer':
        this.#answers.get(effect.requestId)?.(effect.answer);
        this.#answers.delete(effect.requestId);
        return;
      case 'process.watch':
        if (!readOnly) this.#watches.watch(this.#instance(effect.runId), effect.process);
        return;
      case 'sources.read':
        return this.#pollers.readSources();
      case 'target.read':
        return this.#pollers.readTarget(effect.fetch);
      case 'scopes.write':
        return writeSetScopes(this.#deps, this.#state, effect.priorityIds, message => this.#post(message));
      case 'fleet.tell':
      case 'fleet.forget':
        return this.#fleet?.say(effect);
      case 'checks.stop':
      case 'reading.stop':
        return readOnly ? undefined : this.#beside.stop(effect);
      default:
        if (readOnly && effect.type !== 'git.judge' && effect.type !== 'git.predict') return;
        void this.#perform(effect);
    }
  }

  async #perform(effect: Started): Promise<void> {
    this.#busy++;
    const { runId, type: kind } = effect;
    const failed = (error: unknown): Outcome => ({ type: 'failed', runId, kind, message: messageOf(error) });
    let outcome = await this.#outcomeOf(effect).catch(failed);
    const instance = this.#state.instances.find(one => one.runId === runId);
    if (this.#owner !== null && instance !== undefined) outcome = await this.#owner.after(outcome, instance);
    if (outcome.type === 'started') this.#listening.follow(this.#instance(runId));
    this.#busy--;
    this.#post({ type: 'outcome', effectId: effect.effectId, outcome });
  }

  async #outcomeOf(effect: Started): Promise<Outcome> {
    await this.#owner?.before(effect, this.#instance(effect.runId));
    const verdictOf = (instance: Instance) => this.#listening.verdict(instance);
    return perform(this.#deps, effect, this.#state, verdictOf, this.#leaving.signal, this.#beside);
  }

  /** Tells listeners once per batch of messages. */
  #notify(): void {
    if (this.#notifying) return;
    this.#notifying = true;
    queueMicrotask(() => {
      this.#notifying = false;
      this.#listening.stateChanged();
      this.#owner?.stateChanged();
      this.#pollers.stateChanged();
      for (const listener of this.#listeners) listener();
    });
  }
}
