import { Box } from 'ink';
import { describe, expect, test } from 'vitest';
import { Canvas } from '../../../source/ui/components/canvas.tsx';
import { Frame, TextFrame } from '../../../source/ui/components/frame.tsx';
import { type ListRow, Rows } from '../../../source/ui/components/table.tsx';
import { line } from '../../../source/ui/presentation/line.ts';
import { renderAt } from '../../helpers/render-at.tsx';

const size = { columns: 30, rows: 6 };
const rect = { left: 0, top: 0, width: 30, height: 6 };

function row(key: string, title = '', end = ''): ListRow {
  return { cells: { key: line(key), title: line(title), end: line(end) } };
}

describe('tables', () => {
  test('columns stand under each other whatever the width of the characters', async () => {
    const columns = [
      { name: 'key', title: 'Key', width: 8 },
      { name: 'title', title: 'Title', width: 12 },
      { name: 'end', title: 'End', width: 8 },
    ];
    const rows = [
      row('US-1', '見積もりページを作る', 'x'),
      row('US-2', 'plain', 'y'),
      row('US-3', 'e\u0301te\u0301', 'z'),
    ];
    const on = await renderAt(
      <Box width={30} height={6}>
        <Rows columns={columns} rows={rows} headings />
      </Box>,
      size,
    );
    expect((await on.screen()).slice(0, 4)).toEqual([
      'Key     Title       End',
      'US-1    見積もりペ… x',
      'US-2    plain       y',
      'US-3    e\u0301te\u0301         z',
    ]);
    await on.unmount();
  });

  test('rows are lines: nothing is drawn between them', async () => {
    const rows = Array.from({ length: 4 }, (_, index) => row(`row ${index}`));
    const on = await renderAt(
      <Box width={30} height={6}>
        <Frame rect={rect} heading={{ title: line('List') }}>
          <Rows columns={[{ name: 'key', width: 28 }]} rows={rows} />
        </Frame>
      </Box>,
      size,
    );
    expect(await on.screen()).toEqual([
      `╭ List ${'─'.repeat(22)}╮`,
      ...Array.from({ length: 4 }, (_, index) => `│row ${index}${' '.repeat(23)}│`),
      `╰${'─'.repeat(28)}╯`,
    ]);
    await on.unmount();
  });
});

describe('canvas and frame', () => {
  test('what changes is drawn, and what is solid hides what lies below', async () => {
    const below = Array.from({ length: 6 }, () => line('b'.repeat(30)));
    const picture = (text: string, solid: boolean): React.ReactElement => (
      <Box width={30} height={6}>
        <Box position="absolute" left={0} top={0} width={30} height={6}>
          <Canvas lines={below} width={30} height={6} />
        </Box>
        <TextFrame
          rect={{ left: 5, top: 1, width: 10, height: 3 }}
          lines={[line(text)]}
          heading={{ title: line('T') }}
          solid={solid}
        />
      </Box>
    );
    const on = await renderAt(picture('one', true), size);
    expect((await on.screen()).slice(1, 4)).toEqual([
      `bbbbb╭ T ─────╮${'b'.repeat(15)}`,
      `bbbbb│one     │${'b'.repeat(15)}`,
      `bbbbb╰────────╯${'b'.repeat(15)}`,
    ]);
    await on.rerender(picture('two', true));
    await on.waitForText('two');
    await on.unmount();
  });

  test('a line is cut at the width and rows beyond the height are not there', async () => {
    const on = await renderAt(
      <Box width={30} height={6}>
        <Canvas lines={[line('x'.repeat(100)), line('second'), line('third')]} width={5} height={2} />
      </Box>,
      size,
    );
    expect(await on.screen()).toEqual(['xxxx…', 'seco…', '', '', '', '']);
    await on.unmount();
  });
});
