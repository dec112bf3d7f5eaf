import type { Keymap } from '../commands/keymap.ts';
import type { CoordinatorHandle } from '../coordinator/state/handle.ts';
import type { State } from '../coordinator/state/state.ts';
import type { Command } from '../ports/commands.ts';
import type {
  ExternalRequest,
  Layer,
  OpenActivity,
  ReadSettingsChanges,
  RuleWriter,
  SaveText,
  SuggestScopes,
} from './layer.ts';
import type { ScreenMessage } from './overview/footer.ts';
import type { ShownMachine } from './overview/header.ts';
import type { Overview } from './overview/model.ts';
import type { Size } from './terminal/size.ts';

/** What one frame shows. A new object for every change, and only then. */
export interface Snapshot {
  readonly state: State;
  readonly overview: Overview;
  readonly layers: readonly Layer[];
  readonly message: ScreenMessage | null;
  readonly machine: ShownMachine;
}

export interface ScreenOptions {
  readonly handle: CoordinatorHandle;
  /** The repository's name, until it has been read. */
  readonly name: string;
  readonly keymap: Keymap;
  /** True for a screen reader: one part at a time. */
  readonly screenReader: boolean;
  readonly now: () => number;
  readonly size: () => Size;
  /** Shows the question or quits at once; resolves when everything that must happen before is done. */
  readonly leave: (choice: 'keep' | 'stop') => void;
  readonly suspend: () => void;
  readonly redraw: () => void;
  /** Null: this screen cannot hand over the terminal. */
  readonly external: ((request: ExternalRequest) => Promise<string | null>) | null;
  /** Null: this screen cannot write files. */
  readonly save: SaveText | null;
  /** Null: this screen has no activity log. */
  readonly activity: OpenActivity | null;
  /** Null: this screen cannot search the repository. */
  readonly suggest: SuggestScopes | null;
  /** Names of the agents that can be asked for. */
  readonly agents: () => readonly string[];
  /** Why the agents that a command would start cannot be started, or null. */
  readonly cannotStart: (command: Command) => string | null;
  /** Null: this screen cannot write settings. */
  readonly rules: RuleWriter | null;
  /** Null: this screen reads no settings files. */
  readonly settings: ReadSettingsChanges | null;
}
