import type { CoordinatorHandle } from '../coordinator/state/handle.ts';
import type { State } from '../coordinator/state/state.ts';
import type { LogLine } from '../ports/logs.ts';
import { coalesce } from './coalesce.ts';
import type { Screen } from './controller/screen.ts';

/** At most ten frames a second come from the coordinator's state, six from logs; keys are drawn at once. */
const stateMs = 100;
const logMs = 160;

/**
 * Brings changes of state and logs to the screen, batched. `onState` gets every drawn state and the one before it.
 * Returns the function that stops it.
 */
export function feed(
  handle: CoordinatorHandle,
  screen: Screen,
  onState: (before: State, now: State) => void,
): () => void {
  let before = handle.state();
  const state = coalesce(() => {
    const now = handle.state();
    if (now === before) return;
    screen.stateChanged();
    onState(before, now);
    before = now;
  }, stateMs);
  let drawn: readonly (readonly LogLine[])[] = [];
  const logs = coalesce(() => {
    const { layout, shown } = screen.scene();
    const tails = layout.panes.map((_, index) => handle.logs.tail(shown[index]?.instance?.runId ?? ''));
    const inSight = tails.length !== drawn.length || tails.some((tail, index) => tail !== drawn[index]);
    drawn = tails;
    screen.logsChanged(inSight);
  }, logMs);
  const ends = [handle.subscribe(state), handle.logs.subscribe(logs)];
  return () => {
    for (const end of ends) end();
    state.cancel();
    logs.cancel();
  };
}
