import { useIsScreenReaderEnabled } from 'ink';
import type { ReactNode } from 'react';
import type { Oid } from '../../../domain/ids.ts';
import type { Instance } from '../../../domain/instance.ts';
import { noReview } from '../../../domain/review/review.ts';
import { landsOn } from '../../../domain/stack/standing.ts';
import { countOf } from '../../../domain/text/count.ts';
import { escapePath, sanitizeLine } from '../../../domain/text/sanitize.ts';
import { TextFrame } from '../../components/frame.tsx';
import { type Line, line, type Span, span } from '../../presentation/line.ts';
import type { Size } from '../../terminal/size.ts';
import { highlight, type Search, searchLine } from '../parts/search.ts';
import { isViewed } from './document.ts';
import { fileLines, listWidth } from './file-list.ts';
import { fileAt, type ReviewPage } from './review-page.ts';
import { bodyRow } from './rows.ts';

/** What one frame of the page shows. */
export interface ReviewFrame {
  readonly page: ReviewPage;
  readonly instance: Instance;
  /** The head that the page was opened on. */
  readonly head: Oid | null;
  readonly cursor: number;
  readonly offset: number;
  readonly anchor: number | null;
  readonly shift: number;
  readonly search: Search;
  readonly problem: string | null;
  readonly reading: boolean;
  readonly ignoreWhitespace: boolean;
}

/** Columns and rows for facts and diff, beside the list and below the line that names the file. */
export function roomOf(size: Size, files: number): Size & { readonly width: number; readonly height: number } {
  const list = listWidth(size.columns, files);
  return { ...size, width: size.columns - list - 2, height: Math.max(1, size.rows - 2 - (list > 0 ? 0 : 1)) };
}

export function drawReview(size: Size, frame: ReviewFrame): ReactNode {
  return <Review size={size} frame={frame} />;
}

function Review({ size, frame }: { readonly size: Size; readonly frame: ReviewFrame }): ReactNode {
  const { page, instance } = frame;
  const { files } = page.loaded.diff;
  const list = listWidth(size.columns, files.length);
  // A screen reader reads from top to bottom: the list would come before what is new.
  const shownList = useIsScreenReaderEnabled() ? 0 : list;
  const review = instance.review ?? noReview;
  const here = fileAt(page, frame.cursor);
  const { width, height } = roomOf(size, files.length);
  const crumb = list > 0 ? [] : [fileCrumb(frame, here)];
  const lines = [...crumb, ...contents(frame, { columns: width, rows: height })];
  const viewed = files.filter((_, file) => isViewed(review, page.loaded, file)).length;
  return (
    <>
      {shownList === 0 ? null : (
        <TextFrame
          rect={{ left: 0, top: 0, width: list, height: size.rows }}
          heading={{
            title: line(countOf(files.length, 'file'), 'title'),
            note: line(`${viewed} viewed`, 'dim'),
          }}
          lines={fileLines(page.loaded, review, here, { width: list - 2, height: size.rows - 2 })}
        />
      )}
      <TextFrame
        rect={{ left: list, top: 0, width: size.columns - list, height: size.rows }}
        heading={{ title: title(frame), note: note(frame), focused: true }}
        lines={lines}
      />
    </>
  );
}

function title({ instance, head }: ReviewFrame): Line {
  const question = `Land ${sanitizeLine(instance.key, 40)} on ${sanitizeLine(landsOn(instance), 80)}?`;
  return [span(question, 'title'), span(` ${(head ?? 'unknown').slice(0, 10)}`, 'dim')];
}

function note({ page, instance, head, offset, ignoreWhitespace, shift }: ReviewFrame): Line {
  const total = page.facts.length + page.body.rows.length;
  return [
    ...(instance.head === head ? [] : [span('new commits: m reloads  ', 'warning')]),
    ...(shift > 0 ? [span(`from column ${shift + 1}  `, 'dim')] : []),
    ...(ignoreWhitespace ? [span('ignoring whitespace  ', 'dim')] : []),
    span(`${Math.min(total, offset + 1)} of ${total}`, 'dim'),
  ];
}

/** Where the cursor stands, where no list says so. */
function fileCrumb({ page }: ReviewFrame, here: number): Line {
  const { files } = page.loaded.diff;
  const file = files[here];
  if (file === undefined)
    return [span(` Summary · ${files.length} ${files.length === 1 ? 'file' : 'files'} below`, 'dim')];
  return [span(` ${here + 1}/${files.length} `, 'dim'), span(escapePath(file.path), 'strong')];
}

function contents(frame: ReviewFrame, { columns, rows: height }: Size): readonly Line[] {
  const { page, cursor, offset, anchor, shift, search, problem, reading } = frame;
  const field = searchLine(search, columns)?.line ?? null;
  const room = height - (field === null ? 0 : 1);
  const look = { loaded: page.loaded, body: page.body, review: frame.instance.review ?? noReview, shift };
  const [from, to] = anchor === null ? [1, 0] : [Math.min(anchor, cursor), Math.max(anchor, cursor)];
  const rows: Line[] = [];
  for (let at = offset; rows.length < room && at < page.facts.length + page.body.rows.length; at++) {
    const row = at - page.facts.length;
    const isHere = row === cursor;
    const isPicked = row >= from && row <= to;
    const mark: Span = isHere ? span('▸', 'hint') : isPicked ? span('┃', 'hint') : span(' ');
    if (row < 0) rows.push([isHere ? mark : span(' '), ...withoutMargin(page.facts[at] ?? [])]);
    else rows.push(highlight(bodyRow(look, row, mark), search.matcher));
  }
  if (problem !== null) rows.push(line(` ✗ ${sanitizeLine(problem, 600)}`, 'danger'));
  else if (reading) rows.push(line(' Reading the diff …', 'dim'));
  else if (page.loaded.diff.files.length === 0) rows.push(line(' The branch changes no file.', 'dim'));
  while (rows.length < room) rows.push([]);
  return field === null ? rows.slice(0, room) : [...rows.slice(0, room), field];
}

/** Facts have a blank first column, which is the cursor's here. */
function withoutMargin(row: Line): Line {
  const [first, ...rest] = row;
  return first === undefined ? [] : [{ ...first, text: first.text.replace(/^ /, '') }, ...rest];
}
