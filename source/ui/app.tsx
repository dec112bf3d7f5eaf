import { Box, useApp, useCursor, useInput, useIsScreenReaderEnabled, usePaste } from 'ink';
import { type ReactNode, useLayoutEffect, useSyncExternalStore } from 'react';
import { showKey } from '../commands/keymap.ts';
import { Canvas, ThemeContext } from './components/canvas.tsx';
import { Absolute } from './components/frame.tsx';
import type { Screen } from './controller/screen.ts';
import type { Layer } from './layer.ts';
import { footerLine, messageLine } from './overview/footer.ts';
import { OverviewView } from './overview/overview.tsx';
import { isTooSmall, smallest } from './presentation/layout.ts';
import { type Line, line, span } from './presentation/line.ts';
import type { Snapshot } from './screen-types.ts';
import { chunkOf } from './terminal/keys.ts';
import type { KeyboardProtocol } from './terminal/kitty.ts';
import { mouseEvents } from './terminal/mouse.ts';
import { useProtocolKeys } from './terminal/protocol-keys.ts';
import type { Size, SizeStore } from './terminal/size.ts';
import type { Suspend } from './terminal/suspend.ts';
import type { Theme } from './theme.ts';

/** What the root needs from Ink once it is mounted. */
export interface InkControls {
  readonly suspend: Suspend;
  readonly flush: () => Promise<void>;
}

/** The root: the one place that receives keys, follows the size and draws the snapshot. */
export function App({
  screen,
  sizes,
  theme,
  keyboard,
  onMounted,
}: {
  readonly screen: Screen;
  readonly sizes: SizeStore;
  readonly theme: Theme;
  readonly keyboard: KeyboardProtocol;
  readonly onMounted: (controls: InkControls) => void;
}): ReactNode {
  const snapshot = useSyncExternalStore(screen.subscribe, screen.snapshot);
  const size = useSyncExternalStore(sizes.subscribe, sizes.snapshot);
  const { suspendTerminal, waitUntilRenderFlush } = useApp();
  useLayoutEffect(() => {
    onMounted({ suspend: callback => suspendTerminal(callback), flush: waitUntilRenderFlush });
  }, [onMounted, suspendTerminal, waitUntilRenderFlush]);
  const isHandled = useProtocolKeys(keyboard, keys => screen.press(keys));
  useInput((input, key) => {
    const mouse = mouseEvents(input);
    if (mouse !== null) screen.mouse(mouse);
    else if (!isHandled()) screen.press([chunkOf(input, key)]);
  });
  usePaste(text => screen.paste(text));
  usePlacedCursor(screen, snapshot, size);
  if (size === null) return <Box display="none" />;
  return (
    <ThemeContext value={theme}>
      <Box width={size.columns} height={size.rows} flexDirection="column">
        {isTooSmall(size) ? <TooSmall size={size} /> : <MainView screen={screen} snapshot={snapshot} size={size} />}
      </Box>
    </ThemeContext>
  );
}

/** Puts the terminal's own cursor where text is typed, for input methods, magnifiers and screen readers. */
function usePlacedCursor(screen: Screen, { layers }: Snapshot, size: Size | null): void {
  const { setCursorPosition } = useCursor();
  const screenReader = useIsScreenReaderEnabled();
  const top = layers.at(-1);
  const place = size === null || screenReader ? null : (top?.textCursor?.({ ...size, rows: size.rows - 2 }) ?? null);
  // Ink counts from below the last row, and a full screen has none below it.
  setCursorPosition(place === null || isTooSmall(screen.size()) ? undefined : { x: place.x, y: place.y + 1 });
}

function TooSmall({ size }: { readonly size: Size }): ReactNode {
  const text = `cm-tui needs ${smallest.columns}×${smallest.rows}, this is ${size.columns}×${size.rows}: q quits`;
  return <Canvas lines={[line(text, 'warning')]} width={size.columns} height={size.rows} />;
}

function MainView({
  screen,
  snapshot,
  size,
}: {
  readonly screen: Screen;
  readonly snapshot: Snapshot;
  readonly size: Size;
}): ReactNode {
  const { layers, state, overview, machine } = snapshot;
  const screenReader = useIsScreenReaderEnabled();
  const covering = layers.findLastIndex(layer => !layer.floating);
  const base = layers[covering];
  const top = layers.at(-1);
  const place = { columns: size.columns, rows: size.rows - 2 };
  if (base?.bare === true && covering === layers.length - 1) return base.render(size);
  return (
    <>
      {screenReader && top?.floating === true ? null : base === undefined ? (
        <OverviewView
          handle={screen.handle}
          state={state}
          overview={overview}
          scene={screen.scene()}
          machine={machine}
          size={size}
          now={screen.now()}
          name={screen.name}
          trail={screen.trail}
          keymap={screen.keymap}
        />
      ) : (
        <Absolute rect={{ left: 0, top: 0, width: size.columns, height: place.rows }}>{base.render(place)}</Absolute>
      )}
      {top?.floating === true ? top.render(place) : null}
      <Absolute rect={{ left: 0, top: size.rows - 2, width: size.columns, height: 2 }}>
        <Canvas lines={footerRows(screen, snapshot, size.columns, screenReader)} width={size.columns} height={2} />
      </Absolute>
    </>
  );
}

function footerRows(
  screen: Screen,
  { layers, message, state }: Snapshot,
  width: number,
  screenReader: boolean,
): readonly Line[] {
  const context = screen.context();
  const top = layers.at(-1);
  const keys = top?.hints !== undefined ? hintLine(top.hints) : footerLine(screen.keymap, context, width, screenReader);
  const first =
    message === null && top !== undefined
      ? []
      : messageLine(message, state, context, { now: screen.now(), keymap: screen.keymap, width });
  return [first, keys];
}

function hintLine(hints: NonNullable<Layer['hints']>): Line {
  return hints.flatMap(([key, what]) => [span(` ${showKey(key)}`, 'hint'), span(` ${what} `)]);
}
