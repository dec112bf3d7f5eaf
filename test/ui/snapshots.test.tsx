import { afterEach, describe, expect, test } from 'vitest';
import { FakeHandle } from '../helpers/core/fake-handle.ts';
import { type RunningScreen, screenAt } from '../helpers/render-at.tsx';
import { busy, fleetState, fresh, sizes } from './pictures.ts';

/** Whole screens as text, at every size that has a layout of its own. Look at the pictures in the diff when they change. */

/** Selects US-042, which waits to land. */
const toApprove = ['/', 'US-042', '\r'];

const views: readonly {
  readonly name: string;
  readonly handle: () => FakeHandle;
  /** Chunks typed one after the other. */
  readonly keys: readonly string[];
  readonly shows: string | RegExp;
}[] = [
  { name: 'overview', handle: busy, keys: [], shows: 'US-043' },
  { name: 'first-run', handle: fresh, keys: [], shows: 'No ROADMAP' },
  { name: 'queue-focus', handle: busy, keys: ['2'], shows: /┏ Merge queue/ },
  { name: 'pane-focus', handle: busy, keys: ['3'], shows: /┏ US-043/ },
  { name: 'log', handle: busy, keys: ['3', 'l'], shows: /following[\s\S]*2 tests failed/ },
  { name: 'diff', handle: busy, keys: [...toApprove, 'd'], shows: 'wanted' },
  { name: 'details', handle: busy, keys: ['/', 'US-046', '\r', 'i'], shows: 'Depends on' },
  { name: 'timeline', handle: busy, keys: ['t'], shows: 'agent at work' },
  { name: 'events', handle: busy, keys: ['e'], shows: 'Events' },
  { name: 'review', handle: busy, keys: [...toApprove, 'm'], shows: /Land US-042 on roadmap\?[\s\S]*@@/ },
  { name: 'review-diff', handle: busy, keys: [...toApprove, 'm', '}', 'jj'], shows: /\+.*wanted/ },
  {
    name: 'review-comment',
    handle: busy,
    keys: [...toApprove, 'm', '}', 'j', 'V', 'j', '\r', 'Why?'],
    shows: /Comment on[\s\S]*Why\?/,
  },
  { name: 'clean', handle: busy, keys: ['c'], shows: '.env' },
  { name: 'redo', handle: busy, keys: [...toApprove, 'r'], shows: 'US-042: what next?' },
  { name: 'cancel', handle: busy, keys: ['3', 'x'], shows: 'Cancel US-043?' },
  { name: 'leave', handle: busy, keys: ['q'], shows: '┏ Quit?' },
  {
    name: 'machines',
    handle: () => new FakeHandle(fleetState()),
    keys: ['0', 'jjj'],
    shows: /┏ Machines[\s\S]*aaaa-bbbb/,
  },
  { name: 'palette', handle: busy, keys: [':', 'work'], shows: 'work loop' },
  { name: 'new-item', handle: busy, keys: ['n', 'Tidy up'], shows: 'Tidy up' },
];

let running: RunningScreen | null = null;

afterEach(async () => {
  await running?.end();
  running = null;
});

describe.each(sizes)('at %d×%d', (columns, rows) => {
  test.each(views)('$name', async ({ name, handle, keys, shows }) => {
    running = await screenAt(handle(), { columns, rows });
    for (const chunk of keys) running.press(chunk);
    await running.waitForText(shows);
    const screen = await running.still();
    expect(screen).toHaveLength(rows);
    // Marks that stand for keys in sentences are never shown.
    expect(screen.join('')).not.toMatch(/[\u{f0000}-\u{f0001}]/u);
    await expect(`${screen.join('\n')}\n`).toMatchFileSnapshot(`snapshots/${name}-${columns}x${rows}.txt`);
  });
});
