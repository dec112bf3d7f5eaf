import type { Line } from '../presentation/line.ts';
import type { TextStyle, Theme } from '../theme.ts';

const colours = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36, gray: 90 } as const;

/** A row of roles as terminal output: our own colour sequences around sanitised text. */
export function paint(line: Line, theme: Theme): string {
  let out = '';
  for (const { text, tone } of line) {
    const { on, off } = codes(theme[tone]);
    out += on === '' ? text : `${on}${text}${off}`;
  }
  return out;
}

interface Codes {
  readonly on: string;
  readonly off: string;
}

const known = new WeakMap<TextStyle, Codes>();

function codes(style: TextStyle): Codes {
  const found = known.get(style);
  if (found !== undefined) return found;
  const on: number[] = [];
  const off: number[] = [];
  const add = (start: number, end: number): void => {
    on.push(start);
    off.unshift(end);
  };
  if (style.bold) add(1, 22);
  if (style.dim) add(2, 22);
  if (style.underline) add(4, 24);
  if (style.inverse) add(7, 27);
  if (style.color !== undefined) add(colours[style.color], 39);
  const made = { on: sequence(on), off: sequence(off) };
  known.set(style, made);
  return made;
}

function sequence(numbers: readonly number[]): string {
  return numbers.map(number => `\u001b[${number}m`).join('');
}
