import { stripVTControlCharacters } from 'node:util';
import { Box } from 'ink';
import { render } from 'ink-testing-library';
import { expect, test } from 'vitest';
import { Frame } from '../../../source/ui/components/frame.tsx';
import { Rows } from '../../../source/ui/components/table.tsx';
import { line } from '../../../source/ui/presentation/line.ts';

// Single components in a terminal of 100 columns; whole screens go through the emulator (render-at).

const columns = [
  { name: 'item', title: 'Item', width: 8 },
  { name: 'state', title: 'State', width: 10 },
];

test('a table shows its headings and one line a row', () => {
  const rows = [
    { cells: { item: line('US-041'), state: line('running') } },
    { cells: { item: line('US-042'), state: line('waits') } },
  ];
  const { lastFrame, unmount } = render(
    <Box width={30} height={4}>
      <Rows columns={columns} rows={rows} headings />
    </Box>,
  );
  const shown = stripVTControlCharacters(lastFrame() ?? '')
    .split('\n')
    .map(text => text.trimEnd());
  expect(shown.slice(0, 3)).toEqual(['Item    State', 'US-041  running', 'US-042  waits']);
  unmount();
});

test('a frame names itself and keeps what it holds inside', () => {
  const rect = { left: 0, top: 0, width: 20, height: 4 };
  const { lastFrame, unmount } = render(
    <Box width={20} height={4}>
      <Frame rect={rect} heading={{ title: line('List') }}>
        <Rows
          columns={[{ name: 'text', width: 18 }]}
          rows={[{ cells: { text: line('a row that is longer than the frame') } }]}
        />
      </Frame>
    </Box>,
  );
  const shown = stripVTControlCharacters(lastFrame() ?? '').split('\n');
  expect(shown[0]).toMatch(/^\S List ─+\S$/);
  for (const text of shown) expect([...text]).toHaveLength(20);
  expect(shown[1]).toContain('a row that');
  unmount();
});
