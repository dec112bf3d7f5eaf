/** Checkboxes of a Markdown text: where each stands, what is nested in it, and what belongs to it. */
import { readOutline } from '../../../domain/roadmap/document/outline.ts';

export interface Box {
  /** Index of its line. */
  readonly index: number;
  /** Columns it is indented. */
  readonly indent: number;
  /** The character in the brackets. */
  readonly mark: string;
  /** Offset of that character in the text. */
  readonly at: number;
  /** What stands behind the brackets, as written. */
  readonly text: string;
  /** Behind the bracket stands an asterisk, by which some files mark what may be left out. */
  readonly optional: boolean;
  /** The box it is nested in. */
  readonly parent: Box | null;
  /** Boxes are nested in it. */
  hasChildren: boolean;
  /** The headings it stands below, from the highest level to the lowest, without marks. */
  readonly headings: readonly string[];
  /** Index of the first line that does not belong to it any more. */
  end: number;
}

export interface BoxDocument {
  readonly lines: readonly string[];
  readonly boxes: readonly Box[];
  /** Lines at the end of the text that are beyond what is read. */
  readonly unread: number;
}

const boxLine = /^([ \t]*)(?:[-*+]|\d{1,9}[.)])[ \t]+\[(.)\](\*?)[ \t]+(\S.*)$/su;
const lineLimit = 4096;

/** Reads every checkbox outside code and comments. Linear in the text. */
export function readBoxes(text: string): BoxDocument {
  const { lines, code, headings, unread } = readOutline(text);
  const starts = lineStarts(text);
  const boxes: Box[] = [];
  const open: Box[] = [];
  const above: { readonly level: number; readonly text: string }[] = [];
  let next = 0;
  for (const [index, line] of lines.entries()) {
    const heading = headings[next];
    if (heading?.index === index) {
      next++;
      closeAll(open, index);
      while ((above.at(-1)?.level ?? 0) >= heading.level) above.pop();
      above.push({ level: heading.level, text: plainWords(line.slice(heading.start, heading.end)) });
      continue;
    }
    if (code[index] === 1 || !line.includes('[')) continue;
    const match = boxLine.exec(line.length > lineLimit ? line.slice(0, lineLimit) : line);
    if (match === null) continue;
    const [, blanks = '', mark = '', star = '', words = ''] = match;
    const indent = blanks.replaceAll('\t', '    ').length;
    while (open.length > 0 && (open.at(-1)?.indent ?? 0) >= indent) close(open.pop(), index);
    const parent = open.at(-1) ?? null;
    if (parent !== null) parent.hasChildren = true;
    const box: Box = {
      index,
      indent,
      mark,
      at: (starts[index] ?? 0) + line.indexOf('[') + 1,
      text: words.trim(),
      optional: star === '*',
      parent,
      hasChildren: false,
      headings: above.map(one => one.text),
      end: lines.length,
    };
    boxes.push(box);
    open.push(box);
  }
  closeAll(open, lines.length);
  return { lines, boxes, unread };
}

/** The lines of a box, as an agent reads them. */
export function textOfBox({ lines }: BoxDocument, box: Box): string {
  return lines.slice(box.index, box.end).join('\n').trimEnd();
}

/** Words without Markdown marks: bold, code, links. */
export function plainWords(text: string): string {
  return text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\*\*|__|~~|`/g, '')
    .trim();
}

function close(box: Box | undefined, index: number): void {
  if (box !== undefined) box.end = index;
}

function closeAll(open: Box[], index: number): void {
  for (const box of open.splice(0)) close(box, index);
}

/** Offsets of the lines of a text, behind a byte order mark. */
function lineStarts(text: string): readonly number[] {
  const starts = [text.charCodeAt(0) === 0xfeff ? 1 : 0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
