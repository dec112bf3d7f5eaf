import type { ActionContext, ScreenEvent } from '../../commands/action.ts';
import { nextAttention } from '../../coordinator/state/attention.ts';

/** What it takes of the screen. */
interface Place {
  context(): ActionContext;
  dispatch(event: ScreenEvent): void;
  toOverview(itemId?: string): void;
}

/** Goes to what needs the user next: settings to read and accept, or the run after the one that is selected. */
export function goToNext(screen: Place): void {
  const context = screen.context();
  const next = nextAttention(context.state, context, context.view === 'settings');
  if (next === null) return;
  screen.toOverview(next === 'settings' ? undefined : next.priorityId);
  if (next === 'settings') screen.dispatch({ type: 'open', screen: 'settings' });
}
