import type { Action, ActionContext, ScreenEvent, ScreenName, ViewName } from '../commands/action.ts';
import { actionFor, type Keymap, showKey } from '../commands/keymap.ts';
import type { CoordinatorHandle } from '../coordinator/handle.ts';
import type { Command } from '../coordinator/messages.ts';
import type { State } from '../coordinator/state.ts';
import type { ExternalRequest, Layer, LayerHost, OpenLayer, SaveText } from './layer.ts';
import { type Message, messageOfNotice } from './overview/foot.ts';
import { nothingShown, showMachine } from './overview/header.ts';
import { firstOverview, type OverviewScene, sceneOf, selectionOf, settle } from './overview/model.ts';
import { act, focus } from './overview/reduce.ts';
import { isTooSmall } from './presentation/layout.ts';
import type { ScreenOptions, Snapshot } from './screen-types.ts';
import { loadLayer } from './screens/index.ts';
import { Snapshots } from './snapshots.ts';
import type { KeyPress } from './terminal/keys.ts';
import type { Size } from './terminal/size.ts';
import { type Input, TypedAhead } from './typed-ahead.ts';
import { UsageTrail } from './usage-trail.ts';

/** Two presses of Ctrl+C this close together leave. */
const doublePressMs = 2000;

/**
 * Everything the screen knows beside the coordinator's state, and what keys do to it. There is one of these; components draw its
 * snapshots and hold nothing themselves.
 */
export class Screen implements LayerHost {
  readonly handle: CoordinatorHandle;
  readonly keymap: Keymap;
  readonly now: () => number;
  readonly size: () => Size;
  readonly save: SaveText | null;
  readonly name: string;
  /** What the runs have used lately. */
  readonly trail = new UsageTrail();
  private readonly snapshots: Snapshots<Snapshot>;
  private readonly ahead = new TypedAhead();
  /** Keys that wait for the first look at the repository. */
  private early: KeyPress[] = [];
  private interruptedAt = Number.NEGATIVE_INFINITY;
  private lastNotice: State['notices'][number] | undefined;

  constructor(private readonly options: ScreenOptions) {
    this.handle = options.handle;
    this.keymap = options.keymap;
    this.now = options.now;
    this.size = options.size;
    this.save = options.save;
    this.name = options.name;
    const state = this.handle.state();
    this.lastNotice = state.notices.at(-1);
    const error = this.keymap.errors[0];
    this.snapshots = new Snapshots<Snapshot>({
      state,
      overview: firstOverview,
      layers: [],
      message: error === undefined ? null : { text: error, level: 'warning' },
      machine: showMachine(state, nothingShown),
    });
    this.update({ overview: firstOverview });
  }

  readonly snapshot = (): Snapshot => this.snapshots.now();

  readonly subscribe = (listener: () => void): (() => void) => this.snapshots.subscribe(listener);

  /** Takes over what the coordinator's state has become; one commit for all of it. */
  readonly stateChanged = (): void => {
    const state = this.handle.state();
    this.trail.take(this.handle.usage());
    if (state === this.current.state) return;
    const latest = state.notices.at(-1);
    const fresh = latest === this.lastNotice ? undefined : latest;
    this.lastNotice = latest;
    this.snapshots.together(() => {
      this.update({
        state,
        machine: showMachine(state, this.current.machine),
        ...(fresh === undefined ? {} : { message: messageOfNotice(fresh) }),
      });
      this.update({ overview: this.current.overview });
      for (const layer of this.current.layers) layer.refresh?.('state');
      if (state.ready && this.early.length > 0) this.pressEarly();
    });
  };

  /** Logs have grown; draws only when a pane or a view that is in sight shows them. */
  readonly logsChanged = (inSight: boolean): void => {
    this.trail.take(this.handle.usage());
    const top = this.top();
    const wanted = top === null || top.floating ? inSight : top.refresh?.('logs') === true;
    if (wanted) this.changed();
  };

  private get current(): Snapshot {
    return this.snapshots.now();
  }

  scene(): OverviewScene {
    return sceneOf(this.current.state, this.current.overview, this.size());
  }

  /** What keys act on now, seen from the top layer. */
  context(): ActionContext {
    const { state, overview } = this.current;
    const top = this.top();
    const selection = top?.selection ?? selectionOf(state, overview, this.scene());
    return { state, view: this.view(), ...selection, external: this.options.external !== null };
  }

  /** Key presses of one chunk: one frame for all of them. */
  press(keys: readonly KeyPress[]): void {
    this.snapshots.together(() => {
      for (const key of keys) this.input(key);
    });
  }

  paste(text: string): void {
    this.snapshots.together(() => this.input(text));
  }

  changed(): void {
    this.update({});
  }

  close(layer: Layer): void {
    layer.dispose?.();
    this.update({ layers: this.current.layers.filter(one => one !== layer) });
  }

  say(text: string, level: Message['level'] = 'info'): void {
    this.update({ message: { text, level } });
  }

  ask(title: string, lines: readonly string[]): Promise<boolean> {
    return new Promise(resolve => this.push(loadLayer.ask(title, lines, resolve)));
  }

  send(command: Command): void {
    this.handle.send(command).then(
      answer => this.say(answer.message, answer.ok ? 'info' : 'warning'),
      (error: unknown) => this.say(messageOf(error), 'error'),
    );
  }

  filter(text: string): void {
    this.update({ overview: { ...this.current.overview, filter: text, itemOffset: 0 } });
  }

  async external(request: ExternalRequest): Promise<string | null> {
    return this.options.external === null
      ? 'This screen cannot hand over the terminal.'
      : await this.options.external(request);
  }

  act(id: string, context: ActionContext): void {
    const action = this.keymap.actions.find(one => one.id === id);
    if (action === undefined) return;
    const possible = action.enabled(context);
    if (possible === true) this.dispatch(action.event(context, action.keys[0] ?? ''));
    else this.say(possible, 'warning');
  }

  dispatch(event: ScreenEvent): void {
    switch (event.type) {
      case 'send':
        return this.send(event.command);
      case 'open':
        return this.open(event.screen);
      case 'confirm':
        return this.push(loadLayer.confirm(event));
      case 'view':
        return this.actOnView(event.act);
      case 'focus':
        return this.update({ overview: focus(this.current.overview, this.scene(), event.pane) });
      case 'answer':
        return this.top()?.answer?.(event.answer);
      case 'leave':
        return this.options.leave(event.choice);
      case 'attach':
        return this.attach();
      case 'back':
        return this.back();
      case 'leave-now':
        return this.interrupt();
      case 'suspend':
        return this.options.suspend();
      case 'redraw':
        return this.options.redraw();
    }
  }

  private input(input: Input): void {
    // Where nothing can be seen, nothing is done blindly.
    if (isTooSmall(this.size())) {
      if (typeof input !== 'string' && (input.name === 'q' || input.name === 'ctrl+c')) this.options.leave('keep');
    } else if (this.ahead.hold(input)) return;
    else if (typeof input === 'string') this.top()?.paste?.(input);
    else this.key(input);
  }

  /** Top layer first; what it does not handle is looked up in the table for its view. */
  private key(key: KeyPress): void {
    const top = this.top();
    if (this.current.message !== null) this.update({ message: null });
    if (top?.key?.(key) === true) return;
    const action = actionFor(this.keymap, this.view(), key.name);
    if (top === null && this.isEarly(action)) return this.keep(key);
    if (action === null) return this.sayElsewhere(key.name);
    const context = this.context();
    const possible = action.enabled(context);
    if (possible === true) this.dispatch(action.event(context, key.name));
    else this.say(possible, 'warning');
  }

  /** Before the repository has been read only what concerns the program itself can be done; a key behind one that waits, waits too. */
  private isEarly(action: Action | null): boolean {
    return !this.current.state.ready && (action === null ? this.early.length > 0 : action.group !== 'Program');
  }

  private keep(key: KeyPress): void {
    this.early.push(key);
    this.say('Reading the repository: your keys wait for it.');
  }

  /** Does what was asked for before the repository had been read, in its order. */
  private pressEarly(): void {
    const keys = this.early;
    this.early = [];
    if (this.top() !== null) return;
    this.update({ message: null });
    for (const key of keys) this.input(key);
  }

  /** A key that works in the overview but not here is not left without a word. */
  private sayElsewhere(key: string): void {
    const action = this.view() === 'overview' ? null : actionFor(this.keymap, 'overview', key);
    if (action !== null) this.say(`${showKey(key)} (${action.title}) works in the overview: Esc goes back.`, 'warning');
  }

  private view(): ViewName {
    return this.top()?.view ?? 'overview';
  }

  private top(): Layer | null {
    return this.current.layers.at(-1) ?? null;
  }

  private open(screen: ScreenName): void {
    const { item, instance, state } = this.context();
    if (screen === 'leave' && !state.instances.some(one => one.state === 'running' || one.state === 'preparing'))
      return this.options.leave('keep');
    const wanted = screen === 'log' && instance === null && item !== null ? 'details' : screen;
    this.push(loadLayer[wanted]());
  }

  /** Opens what is still being loaded. A view that is already open comes to the top anew. */
  private push(loading: Promise<OpenLayer>): void {
    this.ahead.during(
      loading,
      open => {
        const layer = open(this, this.context());
        const old = this.current.layers.filter(one => one.view !== null && one.view === layer.view);
        for (const one of old) one.dispose?.();
        this.update({ layers: [...this.current.layers.filter(one => !old.includes(one)), layer] });
      },
      error => this.say(`This view could not be opened: ${messageOf(error)}`, 'error'),
      inputs =>
        this.snapshots.together(() => {
          for (const input of inputs) this.input(input);
        }),
    );
  }

  private actOnView(what: Parameters<typeof act>[2]): void {
    const top = this.top();
    if (top !== null) return top.act?.(what);
    const { overview } = this.current;
    const scene = this.scene();
    this.update({ overview: act(overview, scene, what) });
  }

  private back(): void {
    const top = this.top();
    if (top !== null) return this.close(top);
    if (this.current.overview.filter !== '') this.filter('');
    else if (this.current.overview.focus !== 'roadmap') this.dispatch({ type: 'focus', pane: 1 });
  }

  private attach(): void {
    const { instance } = this.context();
    if (instance === null) return;
    void this.external({ type: 'attach', runId: instance.runId }).then(problem => {
      if (problem !== null) this.say(problem, 'warning');
    });
  }

  private interrupt(): void {
    if (this.now() - this.interruptedAt < doublePressMs) return this.options.leave('keep');
    this.interruptedAt = this.now();
    this.say('Press Ctrl+C once more to leave; the agents keep running.', 'warning');
  }

  private update(change: Partial<Snapshot>): void {
    if (change.overview === undefined) return this.snapshots.change(change);
    this.snapshots.together(() => {
      this.snapshots.change(change);
      this.snapshots.change({ overview: settle(this.current.overview, this.scene()) });
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
