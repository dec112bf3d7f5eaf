import type { Review } from '../../../domain/review/review.ts';
import { escapePath } from '../../../domain/text/sanitize.ts';
import { scrollTo } from '../../presentation/layout.ts';
import { fitLine, type Line, line, retone, span } from '../../presentation/line.ts';
import { textWidth } from '../../presentation/text.ts';
import { isViewed, type Loaded } from './document.ts';

/** Columns of the list beside the diff; 0: there is no room for it. */
export function listWidth(columns: number, files: number): number {
  return columns < 100 || files === 0 ? 0 : Math.min(48, Math.max(30, Math.floor(columns * 0.28)));
}

/** The summary and the files as a list, the one at the cursor (-1: the summary) selected and in sight. */
export function fileLines(
  loaded: Loaded,
  review: Review,
  here: number,
  { width, height }: { readonly width: number; readonly height: number },
): readonly Line[] {
  const { files } = loaded.diff;
  const rows = files.length + 1;
  const selected = here + 1;
  const first = scrollTo(selected, Math.max(0, selected - Math.floor(height / 2)), height, rows);
  return Array.from({ length: Math.min(height, rows - first) }, (_, at) => {
    const index = first + at - 1;
    const row = index < 0 ? line('   Summary') : fileRow(loaded, review, index, width);
    return index === here ? retone(fitLine(row, width), 'selected') : row;
  });
}

function fileRow(loaded: Loaded, review: Review, index: number, width: number): Line {
  const file = loaded.diff.files[index];
  if (file === undefined) return [];
  const counts = file.binary ? 'binary' : `+${file.insertions} −${file.deletions}`;
  const comments = review.comments.filter(({ path }) => path === file.path).length;
  const notes = comments > 0 ? ` (${comments})` : '';
  const room = width - 4 - textWidth(counts) - textWidth(notes) - 2;
  const path = endOf(escapePath(file.path), room);
  return [
    span(isViewed(review, loaded, index) ? '✓ ' : '  ', 'success'),
    span(`${file.change} `, file.change === 'D' ? 'danger' : file.change === 'A' ? 'success' : 'plain'),
    span(path.padEnd(room)),
    span(notes, 'hint'),
    span(` ${counts}`, 'dim'),
  ];
}

/** The end of a path says more than its beginning. */
function endOf(path: string, width: number): string {
  return textWidth(path) <= width ? path : `…${path.slice(-Math.max(1, width - 1))}`;
}
