import { styleText } from 'node:util';
import type { ThemeName } from '../../domain/settings.ts';
import { type Line, lineText, type Tone } from '../../ui/presentation/line.ts';
import { chooseTheme, type Theme } from '../../ui/theme.ts';

/** Formats a row for an output: with the theme's colours on a terminal, as plain text elsewhere. */
export type Painter = (line: Line) => string;

export function createPainter(stream: { readonly isTTY?: boolean }, themeName: ThemeName): Painter {
  if (stream.isTTY !== true || process.env.TERM === 'dumb') return lineText;
  const theme = chooseTheme(themeName, process.env);
  return line => line.map(({ text, tone }) => styled(theme, tone, text)).join('');
}

function styled(theme: Theme, tone: Tone, text: string): string {
  const { color, bold, dim, inverse, underline } = theme[tone];
  const styles = [
    ...(color === undefined ? [] : [color]),
    ...(bold === true ? (['bold'] as const) : []),
    ...(dim === true ? (['dim'] as const) : []),
    ...(inverse === true ? (['inverse'] as const) : []),
    ...(underline === true ? (['underline'] as const) : []),
  ];
  return styles.length === 0 || text === '' ? text : styleText(styles, text);
}
