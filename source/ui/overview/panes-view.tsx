import type { ReactNode } from 'react';
import { type Keymap, keyFor } from '../../commands/keymap.ts';
import type { CoordinatorHandle } from '../../coordinator/state/handle.ts';
import { alerts, counts } from '../../coordinator/state/selectors.ts';
import type { State } from '../../coordinator/state/state.ts';
import type { RunId } from '../../domain/ids.ts';
import { TextFrame } from '../components/frame.tsx';
import { type Line, line, span } from '../presentation/line.ts';
import type { Used } from '../usage-trail.ts';
import { detailLines, detailTitle } from './detail.ts';
import { emptyPanes } from './empty-states.ts';
import type { Overview, OverviewScene } from './model.ts';
import { paneLines, paneTitle } from './panes.ts';
import { progressOf } from './progress.ts';
import { usageLine } from './usage-cells.ts';

/** The pane of what is selected, and those of the other agents at work. */
export function Panes({
  handle,
  state,
  overview,
  scene,
  now,
  used,
  keymap,
}: {
  readonly handle: CoordinatorHandle;
  readonly state: State;
  readonly overview: Overview;
  readonly scene: OverviewScene;
  readonly now: number;
  readonly used: ReadonlyMap<RunId, Used>;
  readonly keymap: Keymap;
}): ReactNode {
  const focused = overview.focus === 'panes';
  const turn = `${keyFor(keymap, 'next-page')} ${keyFor(keymap, 'previous-page')}`;
  const selectedRun = scene.panes[scene.paneIndex]?.runId;
  const signals = handle.signals?.() ?? {};
  const touching = alerts(state);
  return scene.layout.panes.map((rect, index) => {
    const { row = null, instance = null } = scene.shown[index] ?? {};
    const [width, height] = [rect.width - 3, rect.height - 2];
    const pages =
      index === 1 && scene.pages > 1 ? line(`page ${scene.page + 1} of ${scene.pages}: ${turn}`, 'hint') : [];
    // The position is the key: items without a run have no other identity.
    const place = `${rect.left}-${rect.top}`;
    if (instance === null) {
      const title = row === null ? line('Details', 'title') : detailTitle(row);
      const about = () => (row === null ? [] : [...detailLines(state, row, now, { width, height }, keymap), line('')]);
      const lines = index === 0 ? [...about(), ...paneHints(state, keymap)].map(padded) : [];
      const heading = { title, focused: focused && scene.panes.length === 0 };
      return <TextFrame key={`item-${place}`} rect={rect} lines={lines} heading={heading} />;
    }
    const progress = progressOf(instance, handle, now);
    const tail = handle.logs.tail(instance.runId);
    const lines = paneLines(instance, tail, width, height, touching[instance.runId], progress);
    // In a narrow pane title and pages matter more.
    const usedNow = rect.width < 60 ? [] : usageLine(instance, used.get(instance.runId));
    const heading = {
      title: paneTitle(instance, now, signals[instance.runId] ?? null),
      note: besides(usedNow, pages),
      focused: focused && instance.runId === selectedRun,
    };
    return <TextFrame key={instance.runId} rect={rect} lines={lines.map(padded)} heading={heading} />;
  });
}

/** What to do where nothing is at work. */
function paneHints(state: State, keymap: Keymap): readonly Line[] {
  return counts(state).running > 0 ? [] : emptyPanes(state, keymap);
}

/** Two notes, apart where there are both. */
function besides(one: Line, other: Line): Line {
  return one.length === 0 || other.length === 0 ? [...one, ...other] : [...one, span('  '), ...other];
}

function padded(one: Line): Line {
  return [span(' '), ...one];
}
