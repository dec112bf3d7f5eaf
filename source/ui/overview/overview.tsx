import { useIsScreenReaderEnabled } from 'ink';
import { memo, type ReactNode } from 'react';
import { type Keymap, keyFor } from '../../commands/keymap.ts';
import { waitsForSettings } from '../../coordinator/runs/settings-change.ts';
import type { CoordinatorHandle } from '../../coordinator/state/handle.ts';
import { alerts, type ItemRow, queueWaits } from '../../coordinator/state/selectors.ts';
import type { State } from '../../coordinator/state/state.ts';
import type { RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import { Canvas } from '../components/canvas.tsx';
import { Absolute, Frame, TextFrame } from '../components/frame.tsx';
import { Rows } from '../components/table.tsx';
import { headerRowsOf, type Rect } from '../presentation/layout.ts';
import { type Line, line, span } from '../presentation/line.ts';
import type { Size } from '../terminal/size.ts';
import type { UsageTrail, Used } from '../usage-trail.ts';
import { emptyQueue, emptyRoadmap } from './empty-states.ts';
import { headerLine, machineLine, type ShownMachine } from './header.ts';
import { MachineList } from './machine-list.tsx';
import { machineWords } from './machine-rows.ts';
import type { Overview, OverviewScene } from './model.ts';
import { needsLine } from './needs-line.ts';
import { Panes } from './panes-view.tsx';
import { allProgress, type RunProgress } from './progress.ts';
import { queueColumns, queueRow, roadmapColumns, roadmapRow } from './rows.ts';

const nothingUsed: ReadonlyMap<RunId, Used> = new Map();
const noProgress: ReadonlyMap<RunId, RunProgress> = new Map();

/** The overview: header, roadmap, merge queue and log panes. */
export function OverviewView({
  handle,
  state,
  overview,
  scene,
  machine,
  size,
  now,
  name,
  trail,
  keymap,
}: {
  readonly handle: CoordinatorHandle;
  readonly state: State;
  readonly overview: Overview;
  readonly scene: OverviewScene;
  readonly machine: ShownMachine;
  readonly size: Size;
  readonly now: number;
  /** The repository's name, until it has been read. */
  readonly name: string;
  readonly trail: UsageTrail;
  readonly keymap: Keymap;
}): ReactNode {
  const { columns } = size;
  const top = { left: 0, top: 0, width: columns, height: headerRowsOf(size) };
  const place = { viewer: handle.role === 'viewer', name, signals: handle.signals?.() ?? {} };
  const head = headerLine(state, place, now, columns);
  // Figures that change every few seconds would make a screen reader repeat the whole screen.
  const screenReader = useIsScreenReaderEnabled();
  const machineRows = screenReader || top.height < 3 ? [] : [machineLine(state, machine, now, columns)];
  const used = screenReader ? nothingUsed : trail.all();
  const { layout, rows, queue } = scene;
  return (
    <>
      <Absolute rect={top}>
        <Canvas lines={[head, ...machineRows, needsLine(state, keymap, columns)]} width={columns} height={top.height} />
      </Absolute>
      {layout.roadmap !== null && rows.length > 0 && state.ready ? (
        <RoadmapList
          rect={layout.roadmap}
          rows={rows}
          touching={alerts(state)}
          used={used}
          progress={screenReader ? noProgress : allProgress(inSight(scene), handle, now)}
          fleet={scene.machines !== null}
          machines={state.machines}
          total={scene.totalRows}
          selected={scene.rowIndex}
          offset={scene.itemOffset}
          focused={overview.focus === 'roadmap'}
          filter={overview.filter}
        />
      ) : null}
      {layout.roadmap !== null && (rows.length === 0 || !state.ready) ? (
        <TextFrame
          rect={layout.roadmap}
          lines={emptyRoadmap(state, overview.filter, layout.roadmap.width - 3, keymap).map(one => [span(' '), ...one])}
          heading={{ title: line('Roadmap', 'title'), focused: overview.focus === 'roadmap' }}
        />
      ) : null}
      {layout.queue === null ? null : (
        <QueueList
          rect={layout.queue}
          queue={queue}
          waits={queueWaits(state)}
          paused={
            state.queuePaused === null
              ? null
              : waitsForSettings(state)
                ? `‖ paused: ${keyFor(keymap, 'settings')} shows why`
                : `‖ paused: ${keyFor(keymap, 'resume-queue')} resumes`
          }
          selected={scene.queueIndex}
          offset={scene.queueOffset}
          focused={overview.focus === 'queue'}
        />
      )}
      {layout.machines === null || scene.machines === null ? null : (
        <MachineList
          rect={layout.machines}
          workers={scene.machines}
          selected={scene.machineIndex}
          offset={scene.machineOffset}
          focused={overview.focus === 'machines'}
        />
      )}
      <Panes handle={handle} state={state} overview={overview} scene={scene} now={now} used={used} keymap={keymap} />
    </>
  );
}

/** The runs of the rows that are drawn. */
function inSight({ rows, itemOffset, layout }: OverviewScene): readonly Instance[] {
  const visible = rows.slice(itemOffset, itemOffset + (layout.roadmap?.height ?? 2) - 2);
  return visible.flatMap(({ instance }) => (instance === null ? [] : [instance]));
}

/** `▸ 3 of 24`, with the filter if there is one. */
function position(selected: number, shown: number, total: number, filter: string): Line {
  const place = shown === 0 ? '' : `${selected + 1} of ${shown}`;
  const of = shown === total ? '' : ` (${total} in all)`;
  return [span(filter === '' ? '' : `/${filter} `, 'hint'), span(place + of, 'dim')];
}

const RoadmapList = memo(function RoadmapList({
  rect,
  rows,
  touching,
  used,
  progress,
  fleet,
  machines,
  total,
  selected,
  offset,
  focused,
  filter,
}: {
  readonly rect: Rect;
  readonly rows: readonly ItemRow[];
  readonly touching: Readonly<Record<RunId, readonly string[]>>;
  readonly used: ReadonlyMap<RunId, Used>;
  readonly progress: ReadonlyMap<RunId, RunProgress>;
  readonly fleet: boolean;
  readonly machines: State['machines'];
  readonly total: number;
  readonly selected: number;
  readonly offset: number;
  readonly focused: boolean;
  readonly filter: string;
}): ReactNode {
  const visible = rows.slice(offset, offset + rect.height - 2);
  const columns = roadmapColumns(rect.width - 2, visible, fleet);
  const heading = { title: line('Roadmap', 'title'), note: position(selected, rows.length, total, filter), focused };
  return (
    <Frame rect={rect} heading={heading}>
      <Rows
        columns={columns}
        rows={visible.map((row, index) => {
          const runId = row.instance?.runId ?? '';
          const cell = { selected: focused && index + offset === selected, width: columns.at(-1)?.width ?? 0 };
          return roadmapRow(row, cell, {
            touching: touching[runId] ?? [],
            used: used.get(runId) ?? null,
            progress: progress.get(runId),
            machine: row.instance === null ? '' : machineWords(row.instance, machines),
          });
        })}
      />
    </Frame>
  );
});

const QueueList = memo(function QueueList({
  rect,
  queue,
  waits,
  paused,
  selected,
  offset,
  focused,
}: {
  readonly rect: Rect;
  readonly queue: readonly Instance[];
  readonly waits: Readonly<Record<RunId, string>>;
  /** Replaces the position while landing is paused. */
  readonly paused: string | null;
  readonly selected: number;
  readonly offset: number;
  readonly focused: boolean;
}): ReactNode {
  const title = line('Merge queue', 'title');
  if (queue.length === 0)
    return <TextFrame rect={rect} lines={emptyQueue().map(one => [span(' '), ...one])} heading={{ title, focused }} />;
  const visible = queue.slice(offset, offset + rect.height - 2);
  return (
    <Frame
      rect={rect}
      heading={{
        title,
        note: paused === null ? position(selected, queue.length, queue.length, '') : [span(paused, 'warning')],
        focused,
      }}
    >
      <Rows
        columns={queueColumns(rect.width - 2, visible)}
        rows={visible.map((one, index) =>
          queueRow(one, index + offset, focused && index + offset === selected, waits[one.runId] ?? null),
        )}
      />
    </Frame>
  );
});
