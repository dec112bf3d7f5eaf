import { Table } from 'ink-table';
import { createContext, type ReactNode, useContext } from 'react';
import { fitLine, type Line, line, retone } from '../presentation/line.ts';
import { PaintedLine, usePaint } from './canvas.tsx';

export interface TableColumn {
  /** Names its cells in a row. */
  readonly name: string;
  /** Heading, where the list has some. */
  readonly title?: string;
  /** Cells of the screen, including the gap to the next column. */
  readonly width: number;
}

export interface ListRow {
  /** By name of the column; a row need not have all. */
  readonly cells: Readonly<Record<string, Line>>;
  readonly selected?: boolean;
}

/** ink-table counts UTF-16 units, so wide characters and colours would shift its columns; the widths are ours. */
const ColumnsContext = createContext<readonly TableColumn[]>([]);

/** Draws no lines between cells: the frame is enough, and every line would cost a row of content. */
function Nothing(): ReactNode {
  return null;
}

/** ink-table hands a cell its text with one blank before it and, behind it, as many as make the column even. */
function Cell({ column, children }: { readonly column: number; readonly children?: ReactNode }): ReactNode {
  const width = useContext(ColumnsContext)[column]?.width ?? 0;
  return <PaintedLine text={String(children).slice(1).trimEnd()} width={width} />;
}

/** ink-table gives headings no index; their text is the column's name. */
function Heading({ children }: { readonly children?: ReactNode }): ReactNode {
  const column = useContext(ColumnsContext).find(({ name }) => name === String(children).trim());
  const { title = '', width = 0 } = column ?? {};
  return <PaintedLine text={usePaint()(line(title, 'dim'), width)} width={width} />;
}

/** Rows in columns without lines, with or without headings. Pass only the visible rows. */
export function Rows({
  columns,
  rows,
  headings = false,
}: {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly ListRow[];
  readonly headings?: boolean;
}): ReactNode {
  const paint = usePaint();
  const data = rows.map(({ cells, selected = false }) =>
    Object.fromEntries(
      columns.map(({ name, width }) => {
        const cell = cells[name] ?? [];
        return [name, paint(selected ? retone(fitLine(cell, width), 'selected') : cell, width)];
      }),
    ),
  );
  return (
    <ColumnsContext value={columns}>
      <Table
        data={data}
        columns={columns.map(({ name }) => name)}
        header={headings ? Heading : Nothing}
        cell={Cell}
        skeleton={Nothing}
      />
    </ColumnsContext>
  );
}
