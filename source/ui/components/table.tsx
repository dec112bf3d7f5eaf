import { Table } from 'ink-table';
import { createContext, memo, type ReactNode, useContext } from 'react';
import { fitLine, type Line, line, retone } from '../presentation/line.ts';
import { Canvas } from './canvas.tsx';

export interface TableColumn {
  readonly title: string;
  /** Cells, the gap to the next column included. */
  readonly width: number;
}

export interface ListRow {
  /** One for each column. */
  readonly cells: readonly Line[];
  readonly selected?: boolean;
}

/** What ink-table gets for a row: the number of the row; cells are drawn from the row itself. */
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

/** Draws no lines between cells: the frame around the table is enough, and every row is worth a row of content. */
function Nothing(): ReactNode {
  return null;
}

/**
 * A cell as wide as its column says. ink-table itself counts UTF-16 units for columns, so that wide characters would push the columns
 * apart; it therefore arranges rows and columns, and the cell decides what stands in its place.
 */
function Cell({ column }: { readonly column: number }): ReactNode {
  const { columns, rows } = useContext(GridContext);
  const row = rows[useContext(RowContext)];
  const width = columns[column]?.width ?? 0;
  const cell = row?.cells[column] ?? [];
  const shown = row?.selected === true ? retone(fitLine(cell, width), 'selected') : cell;
  return <Canvas lines={[shown]} width={width} height={1} />;
}

/** ink-table names no index for its headings; their text, which is the column's name, does. */
function Heading({ children }: { readonly children?: ReactNode }): ReactNode {
  const { columns } = useContext(GridContext);
  const column = columns[Number(String(children).trim())];
  return column === undefined ? null : <Canvas lines={[line(column.title, 'dim')]} width={column.width} height={1} />;
}

/** ink-table with each row told apart for its cells. */
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

/** Rows in columns without lines, with or without headings. Give it the visible rows only. */
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
