import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { resolveKeys } from '../../../source/commands/keymap.ts';
import { parseDiff } from '../../../source/domain/review/parse-diff.ts';
import { upperEdge } from '../../../source/ui/components/frame.tsx';
import { footerLine, messageLine } from '../../../source/ui/overview/footer.ts';
import { headerLine } from '../../../source/ui/overview/header.ts';
import { isTooSmall, layOut, type Rect, scrollTo } from '../../../source/ui/presentation/layout.ts';
import { fitLine, line, lineText, lineWidth, span, spread } from '../../../source/ui/presentation/line.ts';
import { bar, sparkline, steady } from '../../../source/ui/presentation/meters.ts';
import {
  fitText,
  normalizeWidth,
  textWidth,
  truncate,
  wrapHard,
  wrapWords,
} from '../../../source/ui/presentation/text.ts';
import {
  bytes,
  coarseDuration,
  duration,
  localMoments,
  moment,
  roughly,
} from '../../../source/ui/presentation/time.ts';
import { edit, emptyField, fieldLine, fieldText, insert } from '../../../source/ui/screens/parts/text-field.ts';
import { fakeInstance, fakeItem, fakeState, noon, stateWith } from '../../helpers/core/fake-handle.ts';
import { busy, busyState, diffText } from '../pictures.ts';

const texts = fc.string({
  unit: fc.constantFrom(
    'a',
    'Z',
    ' ',
    '.',
    'é',
    '日',
    '本',
    '→',
    '👍',
    'e\u0301',
    '한',
    '👨‍👩‍👧',
    '⚠️',
    '🇩🇪',
    '👍🏽',
    '1️⃣',
  ),
  maxLength: 40,
});

describe('text in cells', () => {
  test('fitted text takes exactly its columns', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 0, max: 50 }), (text, width) => {
        expect(stringWidth(fitText(text, width))).toBe(width);
      }),
    );
  });

  test('cut text is never wider than allowed and whole where it fits', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 0, max: 50 }), (text, width) => {
        const cut = truncate(text, width);
        expect(stringWidth(cut)).toBeLessThanOrEqual(width);
        if (stringWidth(normalizeWidth(text)) <= width) expect(cut).toBe(normalizeWidth(text));
      }),
    );
  });

  test('wrapping loses nothing and keeps to the width', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 30 }), (text, width) => {
        const rows = wrapHard(text, width);
        expect(rows.join('')).toBe(normalizeWidth(text));
        for (const row of rows) expect(stringWidth(row)).toBeLessThanOrEqual(width);
        for (const row of wrapWords(text, width)) expect(stringWidth(row)).toBeLessThanOrEqual(width);
      }),
    );
  });

  test('rows of spans take exactly their columns', () => {
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 5 }), texts, fc.integer({ min: 0, max: 60 }), (parts, tail, width) => {
        const spans = parts.map(part => span(part));
        expect(lineWidth(fitLine(spans, width))).toBe(width);
        expect(lineWidth(spread(spans, line(tail), width))).toBe(width);
      }),
    );
  });

  test('the edge of a frame is as wide as it is asked to be', () => {
    fc.assert(
      fc.property(texts, texts, fc.integer({ min: 8, max: 60 }), (title, note, width) => {
        const edge = upperEdge(width, { title: line(title), note: line(note), focused: true });
        expect(lineWidth(edge)).toBe(width);
      }),
    );
  });

  test('characters that are taken for one column wide are', () => {
    for (let code = 0x20; code < 0x2800; code++) {
      const char = String.fromCharCode(code);
      if (textWidth(char) === 1) expect(stringWidth(char), `U+${code.toString(16)}`).toBe(1);
    }
  });
});

describe('layout', () => {
  const inside = (rect: Rect, columns: number, rows: number): boolean =>
    rect.left >= 0 && rect.top >= 2 && rect.left + rect.width <= columns && rect.top + rect.height <= rows - 2;
  const overlap = (a: Rect, b: Rect): boolean =>
    a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;

  test('parts lie inside the screen, do not overlap, cover it, and a pane is never too low to read', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 500 }),
        fc.integer({ min: 16, max: 200 }),
        fc.integer({ min: 0, max: 300 }),
        fc.constantFrom('roadmap', 'queue', 'machines', 'panes'),
        fc.option(fc.integer({ min: 0, max: 600 })),
        (columns, rows, paneCount, focus, machineCount) => {
          if (focus === 'machines' && machineCount === null) return;
          const layout = layOut({ columns, rows }, paneCount, focus, { machineCount });
          const rects = [layout.roadmap, layout.queue, layout.machines, ...layout.panes].filter(rect => rect !== null);
          for (const rect of rects) expect(inside(rect, columns, rows)).toBe(true);
          rects.forEach((one, index) => {
            for (const other of rects.slice(index + 1)) expect(overlap(one, other)).toBe(false);
          });
          expect(rects.reduce((sum, rect) => sum + rect.width * rect.height, 0)).toBe(
            columns * (rows - (rows < 20 ? 4 : 5)),
          );
          expect(layout.panes.length).toBeLessThanOrEqual(9);
          for (const pane of layout.panes) expect(pane.height).toBeGreaterThanOrEqual(5);
        },
      ),
    );
  });

  test('the three kinds', () => {
    expect(layOut({ columns: 120, rows: 40 }, 4, 'roadmap').kind).toBe('wide');
    expect(layOut({ columns: 119, rows: 40 }, 4, 'roadmap').kind).toBe('normal');
    expect(layOut({ columns: 60, rows: 16 }, 4, 'roadmap').kind).toBe('narrow');
    expect(isTooSmall({ columns: 60, rows: 16 })).toBe(false);
    expect(isTooSmall({ columns: 59, rows: 16 })).toBe(true);
    expect(isTooSmall({ columns: 60, rows: 15 })).toBe(true);
  });

  test('a list scrolls no more than it must and keeps the selected row in sight', () => {
    fc.assert(
      fc.property(
        fc.nat(300),
        fc.nat(300),
        fc.integer({ min: 1, max: 50 }),
        fc.nat(300),
        (selected, offset, height, total) => {
          const first = scrollTo(Math.min(selected, total - 1), offset, height, total);
          expect(first).toBeGreaterThanOrEqual(0);
          if (total === 0) return;
          const at = Math.min(selected, total - 1);
          expect(at).toBeGreaterThanOrEqual(first);
          expect(at).toBeLessThan(first + height);
          if (offset <= at && at < offset + height && offset + height <= total) expect(first).toBe(offset);
        },
      ),
    );
  });
});

describe('numbers', () => {
  test('percentages move in steps that are worth a frame', () => {
    expect(steady(10.2, null)).toBe(10);
    expect(steady(12, 10)).toBe(10);
    expect(steady(13, 10)).toBe(13);
    expect(steady(null, 10)).toBeNull();
  });

  test('bars and sparklines', () => {
    expect(bar(50, 8)).toBe('▕████    ▏');
    expect(bar(56, 8)).toBe('▕████▌   ▏');
    expect(bar(null, 4)).toBe('▕····▏');
    expect(sparkline([50, 12, 50, 100], 6)).toBe('▅▅▅▁▅█');
    expect(sparkline([], 4)).toBe('    ');
  });

  test('times and sizes', () => {
    expect(moment(noon - 60_000, noon)).toBe('11:59');
    expect(moment(noon - 86_400_000, noon)).toBe('Sun 12:00');
    expect(duration(9_400)).toBe('9s');
    expect(duration(252_000)).toBe('4m12s');
    expect(duration(7_500_000)).toBe('2h05m');
    expect(coarseDuration(59_000)).toBe('under 1m');
    expect(coarseDuration(119_000)).toBe('1m');
    expect([0, 999, 4_200_000, 12_000_000].map(bytes)).toEqual(['0 B', '999 B', '4.2 MB', '12 MB']);
  });
});

describe('diffs', () => {
  test('files with their counts', () => {
    expect(parseDiff(diffText).files).toEqual([
      {
        path: 'source/search.ts',
        oldPath: null,
        change: 'M',
        insertions: 2,
        deletions: 1,
        binary: false,
        from: 0,
        to: 11,
      },
      {
        path: 'test/search.test.ts',
        oldPath: null,
        change: 'A',
        insertions: 3,
        deletions: 0,
        binary: false,
        from: 11,
        to: 20,
      },
    ]);
  });

  test('lines of a hunk that look like headers are lines of the hunk', () => {
    const text = [
      'diff --git a/x b/x',
      '--- a/x',
      '+++ b/x',
      '@@ -1,2 +1,2 @@',
      '--- a/fake',
      '+++ b/fake',
      ' diff --git a/y b/y',
      '',
    ];
    const { files } = parseDiff(text.join('\n'));
    expect(files).toHaveLength(1);
    expect(files[0]).toMatchObject({ path: 'x', insertions: 1, deletions: 1 });
  });

  test('renames, deletions, binary files and quoted paths', () => {
    const text = [
      'diff --git a/old name b/new name',
      'similarity index 100%',
      'rename from old name',
      'rename to new name',
      'diff --git a/gone.txt b/gone.txt',
      'deleted file mode 100644',
      '--- a/gone.txt',
      '+++ /dev/null',
      '@@ -1 +0,0 @@',
      '-text',
      '\\ No newline at end of file',
      'diff --git "a/caf\\303\\251\\t.png" "b/caf\\303\\251\\t.png"',
      'new file mode 100644',
      'Binary files /dev/null and "b/caf\\303\\251\\t.png" differ',
      'diff --git "a/tab\\t" "b/tab\\t"',
      '--- "a/tab\\t"',
      '+++ "b/tab\\t"',
    ];
    expect(
      parseDiff(text.join('\n')).files.map(({ path, oldPath, change, binary }) => [path, oldPath, change, binary]),
    ).toEqual([
      ['new name', 'old name', 'R', false],
      ['gone.txt', null, 'D', false],
      ['caf\\303\\251\\t.png', null, 'A', true],
      ['tab\t', null, 'M', false],
    ]);
  });
});

describe('a field for text', () => {
  const key = (name: string, text: string | null = null): { name: string; text: string | null } => ({ name, text });

  test('edits at the cursor', () => {
    let field = insert(emptyField, 'helo wörld');
    for (const name of ['ctrl+w', 'left', 'left', 'left']) field = edit(field, key(name)) ?? field;
    field = edit(field, key('l', 'l')) ?? field;
    expect(fieldText(field)).toBe('hello ');
    field = edit(field, key('end')) ?? field;
    field = edit(field, key('👍', '👍')) ?? field;
    field = edit(field, key('backspace')) ?? field;
    expect(fieldText(field)).toBe('hello ');
    expect(edit(field, key('f1'))).toBeNull();
    expect(fieldText(edit(field, key('ctrl+u')) ?? field)).toBe('');
  });

  test('shows the cursor whatever the length', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 6, max: 40 }), (text, width) => {
        const row = fieldLine(insert(emptyField, text.repeat(4)), width, true);
        const cursor = lineText(row.slice(0, row.findIndex(one => one.tone === 'selected') + 1));
        expect(stringWidth(normalizeWidth(cursor))).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('what the header and the line above the footer say', () => {
  const place = { viewer: false, name: 'shop-folder' };
  const header = (...of: Parameters<typeof headerLine>): string => lineText(headerLine(...of));

  test('the name of the folder stands there until the repository has been read', () => {
    expect(header(fakeState({ repository: null }), place, noon, 120)).toContain('shop-folder');
    expect(header(fakeState(), place, noon, 120)).not.toContain('shop-folder');
  });

  test('how much has landed of what was planned, and a sober guess at the rest', () => {
    const instances = [fakeInstance('US-1', { state: 'merged', startTime: noon - 1_800_000, endTime: noon - 600_000 })];
    const items = ['US-1', 'US-2', 'US-3'].map(key => fakeItem(key));
    expect(header(stateWith(items, { mode: 'auto', instances }), place, noon, 160)).toMatch(
      / 1\/3 landed .*about 20 min left/,
    );
    expect(header(stateWith(items, { mode: 'auto' }), place, noon, 160)).not.toContain('left');
  });

  test('fit any width, and neither what has landed nor what needs a person is ever left out', () => {
    const signals = { run043: { activity: null, lastOutput: null, usage: null } };
    for (const viewer of [false, true]) {
      for (let width = 60; width <= 200; width++) {
        const line = headerLine(busyState({ queuePaused: 'x' }), { viewer, name: 'shop', signals }, noon, width);
        expect(lineWidth(line)).toBeLessThanOrEqual(width);
        expect(lineText(line)).toMatch(/shop.* 2\/4 run.* 2 to land .*1\/8 landed .*! 1/);
      }
    }
  });

  test('at 80 columns the cost stands there too, at 90 the target', () => {
    const handle = busy();
    const at = (width: number) => header(handle.state(), { ...place, signals: handle.signals() }, noon, width);
    expect(at(80).trimEnd()).toBe(' cm-tui   shop  ● auto  2/4 run  2 ready  2 to land  1/8 landed  ! 1  $0.42');
    expect(at(90)).toContain('⎇ roadmap');
  });

  test('keys that are not possible make room for those that are', () => {
    const keymap = resolveKeys({});
    const item = fakeItem('US-1');
    const instance = fakeInstance('US-1', { state: 'awaiting-approval', head: 'd'.repeat(40) });
    const state = stateWith([item], { instances: [instance] });
    const foot = (width: number): string =>
      lineText(footerLine(keymap, { state, view: 'overview', item, instance, external: false }, width));
    expect(foot(160)).toMatch(/^ s spawn .*x cancel .*m land .*q quit/);
    expect(foot(60)).not.toContain('x cancel');
    expect(foot(60)).toMatch(/m land .*\? help {2}q quit/);
    for (let width = 60; width < 160; width++) expect(foot(width).length).toBeLessThanOrEqual(width);
  });

  test('rough times do not feign to know more', () => {
    const minute = 60_000;
    expect([0.5, 3.4, 22, 75, 200].map(value => roughly(value * minute))).toEqual([
      'under 1 min',
      'about 3 min',
      'about 20 min',
      'about 75 min',
      'about 3 h',
    ]);
  });

  test('exact moments of the core are read as local time', () => {
    const exact = `US-1 is already running since ${new Date(noon - 60_000).toISOString()} (pid 12)`;
    expect(localMoments(exact, noon)).toBe('US-1 is already running since 11:59 (pid 12)');
    expect(localMoments(exact, noon + 86_400_000)).toBe('US-1 is already running since Mon 11:59 (pid 12)');
    expect(localMoments(exact, null)).toBe('US-1 is already running since 11:59 (pid 12)');
    const said = messageLine(
      { text: exact, level: 'warning' },
      fakeState(),
      { item: null, instance: null },
      { now: noon, keymap: resolveKeys({}), width: 200 },
    );
    expect(lineText(said)).toContain('since 11:59 (pid 12)');
  });
});
