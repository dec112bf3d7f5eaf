import type { ReactNode } from 'react';
import type { WorkerView } from '../../coordinator/fleet/fleet-view.ts';
import { Frame, TextFrame } from '../components/frame.tsx';
import { Rows } from '../components/table.tsx';
import type { Rect } from '../presentation/layout.ts';
import { line, span } from '../presentation/line.ts';
import { machineColumns, machineRow } from './machine-rows.ts';

/** The machines that agents run on, one line each. */
export function MachineList({
  rect,
  workers,
  selected,
  offset,
  focused,
}: {
  readonly rect: Rect;
  readonly workers: readonly WorkerView[];
  readonly selected: number;
  readonly offset: number;
  readonly focused: boolean;
}): ReactNode {
  const title = line('Machines', 'title');
  if (workers.length === 0)
    return (
      <TextFrame
        rect={rect}
        lines={[line(' Nothing was heard of any worker yet. "cm-tui fleet init" prints the line to join with.', 'dim')]}
        heading={{ title, focused }}
      />
    );
  const width = rect.width - 2;
  const visible = workers.slice(offset, offset + rect.height - 3);
  const strange = workers.filter(({ accepted }) => !accepted).length;
  const place = `${selected + 1} of ${workers.length}`;
  const note = strange === 0 ? [span(place, 'dim')] : [span(`${strange} to accept  `, 'warning'), span(place, 'dim')];
  return (
    <Frame rect={rect} heading={{ title, note, focused }}>
      <Rows
        headings
        columns={machineColumns(width, visible)}
        rows={visible.map((one, index) => machineRow(one, width, focused && index + offset === selected))}
      />
    </Frame>
  );
}
