import { keyLabel } from '../../commands/key-words.ts';
import { type Keymap, withKeys } from '../../commands/keymap.ts';
import type { State } from '../../coordinator/state/state.ts';
import type { ScreenMessage } from '../overview/footer.ts';
import { nothingShown, showMachine } from '../overview/header.ts';
import { firstOverview } from '../overview/model.ts';
import type { Snapshot } from '../screen-types.ts';

/** What the first frame shows: the overview, and what is wrong with the keys in the settings. */
export function firstSnapshot(state: State, keymap: Keymap): Snapshot {
  return {
    state,
    overview: firstOverview,
    layers: [],
    message: keysMessage(keymap),
    machine: showMachine(state, nothingShown),
  };
}

/** What is wrong with the keys in the settings; null: nothing. */
export function keysMessage(keymap: Keymap): ScreenMessage | null {
  const [error, ...more] = keymap.errors;
  if (error === undefined) return null;
  const rest = more.length === 0 ? '' : ` (${more.length} more, press ${keyLabel('events')})`;
  return { text: withKeys(`${error}${rest}`, keymap), level: 'warning' };
}
