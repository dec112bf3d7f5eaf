import type { ActionContext, ScreenName } from '../../commands/action.ts';
import type { Layer } from '../layer.ts';

/** Which view a key really opens for what is selected; null: leave without a question, since nothing is at work. */
export function viewToOpen(screen: ScreenName, { item, instance, state }: ActionContext): ScreenName | null {
  if (screen === 'leave' && !state.instances.some(one => one.state === 'running' || one.state === 'preparing'))
    return null;
  return screen === 'log' && instance === null && item !== null ? 'details' : screen;
}

/** The layers with a further one on top; a view that was open already is closed, so that it is there once, anew. */
export function withOnTop(layers: readonly Layer[], layer: Layer): readonly Layer[] {
  const old = layers.filter(one => one.view !== null && one.view === layer.view);
  for (const one of old) one.dispose?.();
  return [...layers.filter(one => !old.includes(one)), layer];
}
