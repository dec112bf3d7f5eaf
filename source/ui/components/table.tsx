import { Table } from 'ink-table';
import { createContext, memo, type ReactNode, useContext } from 'react';
import { fitLine, type Line, line, retone } from '../presentation/line.ts';
import { Canvas } from './canvas.tsx';

export interface TableColumn {
  readonly title: string;
  /** Cells, including the gap to the next column. */
  readonly width: number;
}

export interface ListRow {
  /** One per column. */
  readonly cells: readonly Line[];
  readonly selected?: boolean;
}

/** ink-table gets only the number of the row; cells are drawn from the row itself. */
interface RowData {
  [column: string]: string | number;
  row: number;
}

interface Grid {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly ListRow[];
}

const GridContext = createContext<Grid>({ columns: [], rows: [] });
const RowContext = createContext(-1);

/** Draws no lines between cells: the frame is enough, and every line would cost a row of content. */
function Nothing(): ReactNode {
  return null;
}

/**
 * A cell as wide as its column. ink-table counts UTF-16 units, so wide characters would shift the columns; it arranges rows and
 * columns, and the cell decides what is drawn.
 */
function Cell({ column }: { readonly column: number }): ReactNode {
  const { columns, rows } = useContext(GridContext);
  const row = rows[useContext(RowContext)];
  const width = columns[column]?.width ?? 0;
  const cell = row?.cells[column] ?? [];
  const shown = row?.selected === true ? retone(fitLine(cell, width), 'selected') : cell;
  return <Canvas lines={[shown]} width={width} height={1} />;
}

/** ink-table gives headings no index; their text, which is the column's name, identifies them. */
function Heading({ children }: { readonly children?: ReactNode }): ReactNode {
  const { columns } = useContext(GridContext);
  const column = columns[Number(String(children).trim())];
  return column === undefined ? null : <Canvas lines={[line(column.title, 'dim')]} width={column.width} height={1} />;
}

/** ink-table with an identity for each row, so that its cells can find their content. */
class RowTable extends Table<RowData> {
  constructor(props: ConstructorParameters<typeof Table<RowData>>[0]) {
    super(props);
    const plainRow = this.data;
    this.data = row => (
      <RowContext key={row.key} value={Number(row.data.row)}>
        {plainRow(row)}
      </RowContext>
    );
  }
}

/** Rows in columns without lines, with or without headings. Pass only the visible rows. */
export const Rows = memo(function Rows({
  columns,
  rows,
  headings = false,
}: {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly ListRow[];
  readonly headings?: boolean;
}): ReactNode {
  const data = rows.map((_, row) => {
    const cells: RowData = { row };
    columns.forEach((_, column) => {
      cells[String(column)] = column;
    });
    return cells;
  });
  return (
    <GridContext value={{ columns, rows }}>
      <RowTable
        data={data}
        columns={columns.map((_, column) => String(column))}
        header={headings ? Heading : Nothing}
        cell={Cell}
        skeleton={Nothing}
        padding={1}
      />
    </GridContext>
  );
});
