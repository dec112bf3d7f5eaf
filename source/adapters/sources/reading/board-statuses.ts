/** The statuses that a board of Backlog.md has: its configuration names its columns, of which the last one is where work ends. */
import type { ItemStatus } from '../../../domain/item.ts';
import { readStatus } from '../../../domain/roadmap/status.ts';
import type { SourceFile } from './format.ts';
import { readYamlValues } from './front-matter.ts';
import { textsValue, textValue } from './values.ts';

export interface BoardStatuses {
  /** As the board orders them; none where nothing configures them. */
  readonly columns: readonly string[];
  /** What is written on work that has landed. */
  readonly done: string;
  /** What is written on work that is to be done. */
  readonly open: string;
}

const usual: BoardStatuses = { columns: [], done: 'Done', open: 'To Do' };

/** Where the configuration of the board of a file may be, relative to the repository. */
export function boardPlaces(path: string): readonly string[] {
  const folder = path.split('/').slice(0, -2).join('/');
  return [`${folder}/config.yml`, 'backlog.config.yml'];
}

export function readBoard({ path, beside }: SourceFile): BoardStatuses {
  const text = boardPlaces(path)
    .map(place => beside(place))
    .find(found => found !== null);
  const values = text === undefined || text === null ? null : readYamlValues(text);
  if (values === null || typeof values === 'string') return usual;
  const columns = textsValue(values, 'statuses');
  const [first] = columns;
  const last = columns.at(-1);
  if (first === undefined || last === undefined) return usual;
  return {
    columns,
    done: columns.find(column => readStatus(column) === 'complete') ?? last,
    open: textValue(values, 'default_status', 'defaultStatus') || first,
  };
}

/** What a column of the board means: the first is planned, what is past the one for finished work is complete, all between is in progress. */
export function statusOnBoard({ columns, done, open }: BoardStatuses, written: string): ItemStatus {
  const named = readStatus(written);
  if (named !== 'unknown') return named;
  const same = (one: string): boolean => one.toLowerCase() === written.trim().toLowerCase();
  const at = columns.findIndex(same);
  if (at < 0) return 'unknown';
  if (at >= columns.indexOf(done)) return 'complete';
  return at === 0 || same(open) ? 'planned' : 'in-progress';
}
