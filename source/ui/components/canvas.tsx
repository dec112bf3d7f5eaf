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
 * Rows of text in a place of fixed size, whatever the rows are: each is cut at the width, rows beyond `height` are not there. `solid`
 * fills it up with spaces, so that it hides what lies below.
 * Ink lays out a blank block and gets the rows when it writes the frame. So it never measures, wraps or caches foreign text (its
 * caches of measured texts never forget, which a log would fill), and a pane costs one node however many rows it has.
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
  const spoken = useIsScreenReaderEnabled();
  if (width <= 0 || height <= 0) return null;
  if (spoken) return <Spoken lines={lines.slice(0, height)} width={width} />;
  const cut = solid ? fitLine : clipLine;
  return (
    <Transform transform={(_, index) => paint(cut(lines[index] ?? emptyLine, width), theme)}>
      <Text>{blank(width, height)}</Text>
    </Transform>
  );
}

/** The rows as sentences; what only decorates, and empty rows, are not there. */
function Spoken({ lines, width }: { readonly lines: readonly Line[]; readonly width: number }): ReactNode {
  const said = lines.map(row => screenReaderLine(row, width)).filter(text => text !== '');
  return said.length === 0 ? null : <Text>{said.join('\n')}</Text>;
}
