import type { ActionContext, ScreenEvent, ScreenName, ViewName } from '../../commands/action.ts';
import { type Keymap, withKeys } from '../../commands/keymap.ts';
import type { CoordinatorHandle } from '../../coordinator/state/handle.ts';
import type { State } from '../../coordinator/state/state.ts';
import { messageOf } from '../../domain/errors.ts';
import type { Command } from '../../ports/commands.ts';
import type { ExternalRequest, Layer, LayerHost, OpenLayer } from '../layer.ts';
import { messageOfNotice, type ScreenMessage } from '../overview/footer.ts';
import { showMachine } from '../overview/header.ts';
import {
  firstOverview,
  machineOf,
  normalizeOverview,
  type Overview,
  type OverviewScene,
  sceneOf,
  selectionOf,
} from '../overview/model.ts';
import { applyViewAct, atItem, focus } from '../overview/reduce.ts';
import type { ScreenOptions, Snapshot } from '../screen-types.ts';
import { loadLayer } from '../screens/index.ts';
import type { MouseEvent } from '../terminal/mouse.ts';
import type { Size } from '../terminal/size.ts';
import { UsageTrail } from '../usage-trail.ts';
import { firstSnapshot, keysMessage } from './first-snapshot.ts';
import { KeyInput, type KeyTarget } from './key-input.ts';
import { closed, viewToOpen, withOnTop } from './layer-stack.ts';
import { looksAlike } from './looks-alike.ts';
import { MouseInput } from './mouse-input.ts';
import { goToNext } from './next-thing.ts';
import { attachToRun, selectWhenThere, sendAndShow, unlockKey } from './outside.ts';
import { Snapshots } from './snapshots.ts';
import type { Input } from './typed-ahead.ts';

/** A screen on which nothing changes is drawn again after this long, for what depends on the time alone. */
const stillMs = 10_000;

/** What the one screen knows beside the coordinator's state, and what keys do to it; components draw its snapshots and hold no state. */
export class Screen implements LayerHost, KeyTarget {
  readonly handle: CoordinatorHandle;
  keymap: Keymap;
  readonly now: () => number;
  readonly size: () => Size;
  readonly save: LayerHost['save'];
  readonly activity: LayerHost['activity'];
  readonly suggest: LayerHost['suggest'];
  readonly settings: LayerHost['settings'];
  readonly agents: () => readonly string[];
  readonly cannotStart: LayerHost['cannotStart'];
  readonly name: string;
  readonly rules: ScreenOptions['rules'];
  readonly trail = new UsageTrail();
  readonly drafts = new Map<string, readonly string[]>();
  private readonly snapshots: Snapshots<Snapshot>;
  private readonly keys = new KeyInput(this);
  private readonly pointer = new MouseInput(this);
  private drawnAt = 0;
  private lastNotice: State['notices'][number] | undefined;

  constructor(private readonly options: ScreenOptions) {
    this.handle = options.handle;
    this.keymap = options.keymap;
    this.now = options.now;
    this.size = options.size;
    this.save = options.save;
    this.activity = options.activity;
    this.suggest = options.suggest;
    this.agents = options.agents;
    this.cannotStart = options.cannotStart;
    this.rules = options.rules;
    this.settings = options.settings;
    this.name = options.name;
    const state = this.handle.state();
    this.lastNotice = state.notices.at(-1);
    this.trail.take(this.handle.usage());
    this.snapshots = new Snapshots(firstSnapshot(state, this.keymap));
    this.update({ overview: firstOverview });
  }

  readonly snapshot = (): Snapshot => this.snapshots.now();

  readonly subscribe = (listener: () => void): (() => void) => this.snapshots.subscribe(listener);

  /** Adopts the coordinator's new state in one commit. */
  readonly stateChanged = (): void => {
    const state = this.handle.state();
    const used = this.trail.all();
    this.trail.take(this.handle.usage());
    if (state === this.current.state) return;
    const machine = showMachine(state, this.current.machine);
    const alike = used === this.trail.all() && looksAlike(this.current.state, state, this.current.machine, machine);
    if (alike && this.top() === null && this.now() - this.drawnAt < stillMs) return;
    this.drawnAt = this.now();
    const latest = state.notices.at(-1);
    const fresh = latest === this.lastNotice ? undefined : latest;
    this.lastNotice = latest;
    this.snapshots.together(() => {
      this.update({ state, machine, ...(fresh === undefined ? {} : { message: messageOfNotice(fresh) }) });
      this.update({ overview: this.current.overview });
      for (const layer of this.current.layers) layer.refresh?.('state');
      this.keys.pressEarly();
    });
  };

  /** Logs have grown; draws only if a visible pane or view shows them. */
  readonly logsChanged = (inSight: boolean): void => {
    this.trail.take(this.handle.usage());
    const top = this.top();
    const wanted = top === null || top.floating ? inSight : top.refresh?.('logs') === true;
    if (wanted) this.changed();
  };

  private get current(): Snapshot {
    return this.snapshots.now();
  }

  /** Other keys, because the settings changed. */
  changeKeys(keymap: Keymap): void {
    this.keymap = keymap;
    this.update({ message: keysMessage(keymap) ?? this.current.message });
  }

  scene(): OverviewScene {
    return sceneOf(this.current.state, this.current.overview, this.size(), this.options.screenReader);
  }

  /** What keys act on now, seen from the top layer. */
  context(): ActionContext {
    const { state, overview } = this.current;
    const top = this.top();
    const scene = this.scene();
    const selection = top?.selection ?? selectionOf(state, overview, scene);
    const where = { state, view: this.view(), external: this.options.external !== null, now: this.now() };
    return { ...where, ...selection, ...(top === null ? machineOf(overview, scene) : {}) };
  }

  ready(): boolean {
    return this.current.state.ready;
  }

  clearMessage(): void {
    if (this.current.message !== null) this.update({ message: null });
  }

  /** Keys and text that came together: one frame for all of them. */
  readonly press = (inputs: readonly Input[]): void => this.take(inputs);
  readonly paste = (text: string): void => this.take([text]);

  mouse(events: readonly MouseEvent[]): void {
    this.snapshots.together(() => this.pointer.take(events));
  }

  readonly changed = (): void => this.update({});

  close(layer: Layer): void {
    layer.dispose?.();
    this.update({ layers: this.current.layers.filter(one => one !== layer) });
    this.keys.pressEarly();
  }

  readonly select = (itemId: string): void => selectWhenThere(this, itemId);

  readonly show = (layer: Layer): void => this.update({ layers: withOnTop(this.current.layers, layer) });

  showMessage(text: string, level: ScreenMessage['level'] = 'info'): void {
    this.update({ message: { text: withKeys(text, this.keymap), level } });
  }

  ask(title: string, lines: readonly string[]): Promise<boolean> {
    return new Promise(resolve => this.push(loadLayer.ask(title, lines, resolve)));
  }

  send(command: Command): void {
    sendAndShow(this, command);
  }

  changeOverview(change: Partial<Overview>): void {
    this.update({ overview: { ...this.current.overview, ...change } });
  }

  filter(text: string): void {
    this.changeOverview({ filter: text, itemOffset: 0 });
  }

  fold(folded: readonly string[]): void {
    this.changeOverview({ folded, itemOffset: 0 });
  }

  folded(): readonly string[] {
    return this.current.overview.folded;
  }

  async external(request: ExternalRequest): Promise<string | null> {
    return this.options.external === null
      ? 'This screen cannot hand over the terminal.'
      : await this.options.external(request);
  }

  act(id: string, context: ActionContext): void {
    const action = this.keymap.actions.find(one => one.id === id);
    if (action === undefined) return;
    this.keys.act(action, context, action.keys[0] ?? '');
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
        return this.leave(event.choice);
      case 'attach':
        return attachToRun(this);
      case 'sign':
        return unlockKey(this);
      case 'next-attention':
        return goToNext(this);
      case 'back':
        return this.back();
      case 'leave-now':
        return this.keys.interrupt();
      case 'suspend':
      case 'redraw':
        return this.options[event.type]();
    }
  }

  readonly leave = (choice: 'keep' | 'stop'): void => this.options.leave(choice);

  private take(inputs: readonly Input[]): void {
    this.snapshots.together(() => {
      for (const input of inputs) this.keys.take(input);
    });
  }

  view(): ViewName {
    return this.top()?.view ?? 'overview';
  }

  top(): Layer | null {
    return this.current.layers.at(-1) ?? null;
  }

  private open(screen: ScreenName): void {
    const wanted = viewToOpen(screen, this.context());
    if (wanted === null) this.leave('keep');
    else this.push(loadLayer[wanted]());
  }

  /** Opens a view that is still loading. */
  private push(loading: Promise<OpenLayer>): void {
    this.keys.during(
      loading,
      open => this.update({ layers: withOnTop(this.current.layers, open(this, this.context())) }),
      error => this.showMessage(`Cannot open this view: ${messageOf(error)}`, 'error'),
      inputs => this.take(inputs),
    );
  }

  private actOnView(what: Parameters<typeof applyViewAct>[2]): void {
    const top = this.top();
    if (top !== null) return top.act?.(what);
    this.update({ overview: applyViewAct(this.current.overview, this.scene(), what) });
  }

  private back(): void {
    const top = this.top();
    if (top !== null) return this.close(top);
    if (this.current.overview.filter !== '') this.filter('');
    else if (this.current.overview.focus !== 'roadmap') this.dispatch({ type: 'focus', pane: 1 });
  }

  /** Back to the overview, with this item selected there if one is named. */
  toOverview(itemId?: string): void {
    const { layers, overview } = this.current;
    this.update({ layers: closed(layers), overview: itemId === undefined ? overview : atItem(overview, itemId) });
  }

  private update(change: Partial<Snapshot>): void {
    if (change.overview === undefined) return this.snapshots.change(change);
    this.snapshots.together(() => {
      this.snapshots.change(change);
      this.snapshots.change({
        overview: normalizeOverview(this.current.overview, this.scene(), this.current.state.ready),
      });
    });
  }
}
