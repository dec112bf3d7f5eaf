import type { DiffFile } from '../../../domain/review/parse-diff.ts';
import { escapePath } from '../../../domain/text/sanitize.ts';
import { type Line, line, span, type Tone } from '../../presentation/line.ts';

/** A row of the list of files. */
export function fileLine(file: DiffFile, selected: boolean): Line {
  const counts = file.binary ? 'binary' : `+${file.insertions} −${file.deletions}`;
  const from = file.oldPath === null ? '' : ` (was ${escapePath(file.oldPath)})`;
  return [
    span(`${selected ? '▸' : ' '}${file.change} `, file.change === 'D' ? 'danger' : 'success'),
    span(`${counts.padStart(12)}  `, 'dim'),
    span(`${escapePath(file.path)}${from}`),
  ];
}

const tones: readonly (readonly [string, Tone])[] = [
  ['diff --git ', 'strong'],
  ['+++ ', 'strong'],
  ['--- ', 'strong'],
  ['@@', 'hint'],
  ['+', 'success'],
  ['-', 'danger'],
  ['index ', 'dim'],
];

/** A line of the diff, already sanitised, in the colour of its kind. */
export function diffLine(text: string): Line {
  return line(` ${text}`, tones.find(([start]) => text.startsWith(start))?.[1] ?? 'plain');
}
