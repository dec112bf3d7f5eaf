import type { ReactNode } from 'react';
import { TextFrame } from '../../components/frame.tsx';
import type { Rect } from '../../presentation/layout.ts';
import { type Line, line, span } from '../../presentation/line.ts';
import { wrapWords } from '../../presentation/text.ts';
import type { Size } from '../../terminal/size.ts';

/** Rows of content in a page of that size. */
export function pageHeight(size: Size): number {
  return Math.max(1, size.rows - 2);
}

/** A full-screen view of text with a frame around it; `lines` are the visible ones. */
export function Page({
  size,
  title,
  note,
  lines,
}: {
  readonly size: Size;
  readonly title: Line;
  readonly note?: Line;
  readonly lines: readonly Line[];
}): ReactNode {
  const heading = { title, focused: true, ...(note === undefined ? {} : { note }) };
  return (
    <TextFrame rect={{ left: 0, top: 0, width: size.columns, height: size.rows }} lines={lines} heading={heading} />
  );
}

/** Position of a dialog with `rows` rows of content: centred, as wide as is comfortable to read. */
export function dialogRect(size: Size, rows: number, wanted = 76): Rect {
  const width = Math.min(size.columns, wanted);
  const height = Math.min(size.rows, rows + 2);
  return {
    left: Math.floor((size.columns - width) / 2),
    top: Math.floor((size.rows - height) / 2),
    width,
    height,
  };
}

/** A dialog of text over what lies below. */
export function Dialog({
  size,
  title,
  lines,
  wanted,
}: {
  readonly size: Size;
  readonly title: string;
  readonly lines: readonly Line[];
  readonly wanted?: number;
}): ReactNode {
  const rect = dialogRect(size, lines.length, wanted);
  return <TextFrame rect={rect} lines={lines} heading={{ title: line(title, 'title'), focused: true }} solid />;
}

/** Sentences as rows that fit a dialog, with a blank column on each side. */
export function sentences(texts: readonly string[], width: number): readonly Line[] {
  return texts.flatMap(text => wrapWords(text, width - 4).map(row => line(` ${row}`)));
}

/** Columns before what a key does, in a row that names it. */
export const keyWidth = 12;

/** A row that names a key and what it does. */
export function keyRow(key: string, what: string, possible = true): Line {
  return [span(`  ${key.padEnd(keyWidth - 2)}`, possible ? 'hint' : 'dim'), span(what, possible ? 'plain' : 'dim')];
}
