import type { ActionContext, ScreenName } from '../../commands/action.ts';
import type { Layer } from '../layer.ts';

/** Which view a key opens for the selection; null: quit without a question, since no agent is running. */
export function viewToOpen(screen: ScreenName, { item, instance, state }: ActionContext): ScreenName | null {
  if (screen === 'leave' && !state.instances.some(one => one.state === 'running' || one.state === 'preparing'))
    return null;
  return screen === 'log' && instance === null && item !== null ? 'details' : screen;
}

/** The layers with one more on top. A view that was already open is closed first, so that it is there only once. */
export function withOnTop(layers: readonly Layer[], layer: Layer): readonly Layer[] {
  const old = layers.filter(one => one.view !== null && one.view === layer.view);
  for (const one of old) one.dispose?.();
  return [...layers.filter(one => !old.includes(one)), layer];
}

/** No layers, with those that were there closed. */
export function closed(layers: readonly Layer[]): readonly Layer[] {
  for (const layer of layers) layer.dispose?.();
  return [];
}
