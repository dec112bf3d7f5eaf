import { Box, useIsScreenReaderEnabled } from 'ink';
import type { ReactNode } from 'react';
import type { Rect } from '../presentation/layout.ts';
import { fitLine, type Line, line, lineText, lineWidth, span, type Tone } from '../presentation/line.ts';
import { Canvas } from './canvas.tsx';

interface Heading {
  readonly title: Line;
  /** Right end of the upper edge; dropped if it would leave less than the beginning of the title. */
  readonly note?: Line;
  readonly focused?: boolean;
}

/** Edges: heavy around the focus, so that it shows without colour too. */
const light = { topLeft: '╭', topRight: '╮', bottomLeft: '╰', bottomRight: '╯', across: '─', down: '│' };
const heavy = { topLeft: '┏', topRight: '┓', bottomLeft: '┗', bottomRight: '┛', across: '━', down: '┃' };

function edgesOf(heading: Heading): { readonly edges: typeof light; readonly tone: Tone } {
  return heading.focused === true ? { edges: heavy, tone: 'frame-focus' } : { edges: light, tone: 'frame' };
}

/** Columns that a title keeps beside a note: key and state. */
const titleStart = 24;

/** The upper edge with title and note, exactly `width` wide. */
export function upperEdge(width: number, heading: Heading): Line {
  const { edges, tone } = edgesOf(heading);
  const inner = width - 2;
  const wanted = heading.note ?? [];
  const note = lineWidth(wanted) <= inner - Math.min(lineWidth(heading.title), titleStart) - 5 ? wanted : [];
  const noteSpans: Line = note.length > 0 ? [span(' '), ...note, span(' ')] : [];
  const room = inner - lineWidth(noteSpans) - 3;
  const title = lineWidth(heading.title) <= room ? heading.title : fitLine(heading.title, Math.max(0, room));
  const used = lineWidth(title) + lineWidth(noteSpans) + 2;
  return [
    span(edges.topLeft, tone),
    span(' '),
    ...title,
    span(' '),
    span(edges.across.repeat(Math.max(0, inner - used)), tone),
    ...noteSpans,
    span(edges.topRight, tone),
  ];
}

function lowerEdge(width: number, heading: Heading): Line {
  const { edges, tone } = edgesOf(heading);
  return line(`${edges.bottomLeft}${edges.across.repeat(Math.max(0, width - 2))}${edges.bottomRight}`, tone);
}

/** What a screen reader says for a frame. */
function screenReaderHeading({ title, note = [] }: Heading, width: number): Line {
  if (lineText(note).trim() === '') return title;
  const room = Math.max(0, width - lineWidth(note) - 2);
  return [...fitLine(title, Math.min(lineWidth(title), room)), span(', '), ...note];
}

/** Places children at a position on the screen; for a screen reader, below what comes before. */
export function Absolute({ rect, children }: { readonly rect: Rect; readonly children: ReactNode }): ReactNode {
  const { left, top, width, height } = rect;
  if (useIsScreenReaderEnabled()) return <Box flexDirection="column">{children}</Box>;
  return (
    <Box position="absolute" left={left} top={top} width={width} height={height} flexDirection="column">
      {children}
    </Box>
  );
}

/** A frame around rows of text; `solid` hides what lies below it. */
export function TextFrame({
  rect,
  lines,
  heading,
  solid = false,
}: {
  readonly rect: Rect;
  readonly lines: readonly Line[];
  readonly heading: Heading;
  readonly solid?: boolean;
}): ReactNode {
  return (
    <Frame rect={rect} heading={heading}>
      <Canvas lines={lines} width={rect.width - 2} height={rect.height - 2} solid={solid} />
    </Frame>
  );
}

/** A frame around components that fill `rect` minus one cell on each side. */
export function Frame({
  rect,
  heading,
  children,
}: {
  readonly rect: Rect;
  readonly heading: Heading;
  readonly children: ReactNode;
}): ReactNode {
  const { width, height } = rect;
  if (useIsScreenReaderEnabled())
    return (
      <Absolute rect={rect}>
        <Canvas lines={[screenReaderHeading(heading, width)]} width={width} height={1} />
        {children}
      </Absolute>
    );
  const { edges, tone } = edgesOf(heading);
  const sides = Array.from({ length: height - 2 }, () => line(edges.down, tone));
  return (
    <Absolute rect={rect}>
      <Canvas lines={[upperEdge(width, heading)]} width={width} height={1} />
      <Box height={height - 2}>
        <Canvas lines={sides} width={1} height={height - 2} />
        <Box width={width - 2} height={height - 2} flexDirection="column">
          {children}
        </Box>
        <Canvas lines={sides} width={1} height={height - 2} />
      </Box>
      <Canvas lines={[lowerEdge(width, heading)]} width={width} height={1} />
    </Absolute>
  );
}
