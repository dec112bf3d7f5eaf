import { Text, Transform, useIsScreenReaderEnabled } from 'ink';
import { createContext, type ReactNode, useContext } from 'react';
import { clipLine, emptyLine, fitLine, type Line } from '../presentation/line.ts';
import { screenReaderLine } from '../presentation/screen-reader.ts';
import { paint } from '../terminal/paint.ts';
import { chooseTheme, type Theme } from '../theme.ts';

/** The theme in force. */
export const ThemeContext = createContext<Theme>(chooseTheme('default', {}));

const blanks = new Map<string, string>();

function blank(width: number, height: number): string {
  const name = `${width}x${height}`;
  const known = blanks.get(name);
  if (known !== undefined) return known;
  const made = Array.from({ length: height }, () => ' '.repeat(width)).join('\n');
  if (blanks.size > 500) blanks.clear();
  blanks.set(name, made);
  return made;
}

/**
 * Rows of text in a rectangle of fixed size: each is cut at the width, and rows beyond `height` are not drawn. `solid` fills it with
 * spaces, so that it hides what lies below.
 * Ink lays out a blank block and gets the rows when it writes the frame. So it never measures, wraps or caches foreign text (its
 * caches never forget, and a log would fill them), and a pane costs one node however many rows it has.
 */
export function Canvas({
  lines,
  width,
  height,
  solid = false,
}: {
  readonly lines: readonly Line[];
  readonly width: number;
  readonly height: number;
  readonly solid?: boolean;
}): ReactNode {
  const theme = useContext(ThemeContext);
  const screenReader = useIsScreenReaderEnabled();
  if (width <= 0 || height <= 0) return null;
  if (screenReader) return <ScreenReaderText lines={lines.slice(0, height)} width={width} />;
  const cut = solid ? fitLine : clipLine;
  return (
    <Transform transform={(_, index) => paint(cut(lines[index] ?? emptyLine, width), theme)}>
      <Text>{blank(width, height)}</Text>
    </Transform>
  );
}

/** The rows as sentences, without decoration and empty rows. */
function ScreenReaderText({ lines, width }: { readonly lines: readonly Line[]; readonly width: number }): ReactNode {
  const texts = lines.map(row => screenReaderLine(row, width)).filter(text => text !== '');
  return texts.length === 0 ? null : <Text>{texts.join('\n')}</Text>;
}

/** How a row becomes text of at most `width` columns: with colours, or as a screen reader should read it. */
export function usePaint(): (row: Line, width: number) => string {
  const theme = useContext(ThemeContext);
  const screenReader = useIsScreenReaderEnabled();
  return (row, width) => (screenReader ? screenReaderLine(row, width) : paint(clipLine(row, width), theme));
}

/** One row of text that `usePaint` made, at most `width` wide; see `Canvas`. */
export function PaintedLine({ text, width }: { readonly text: string; readonly width: number }): ReactNode {
  const screenReader = useIsScreenReaderEnabled();
  if (width <= 0) return null;
  if (screenReader) return text === '' ? null : <Text>{text}</Text>;
  return (
    <Transform transform={() => text}>
      <Text>{blank(width, 1)}</Text>
    </Transform>
  );
}
