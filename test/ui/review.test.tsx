import { afterEach, describe, expect, test } from 'vitest';
import type { ReviewComment } from '../../source/domain/review/review.ts';
import type { FakeHandle } from '../helpers/core/fake-handle.ts';
import { type RunningScreen, screenAt } from '../helpers/render-at.tsx';
import { busy, busyState, instances } from './pictures.ts';

let running: RunningScreen | null = null;

afterEach(async () => {
  await running?.end();
  running = null;
});

const run = instances[2];
const runId = run?.runId ?? '';

/** The page of US-042, opened with Enter. */
async function review(handle: FakeHandle = busy(), columns = 120, rows = 40): Promise<RunningScreen> {
  const screen = await screenAt(handle, { columns, rows });
  running = screen;
  for (const chunk of ['/', 'US-042', '\r', '\r']) screen.press(chunk);
  await screen.waitForText(/Land US-042 on roadmap\?[\s\S]*const wanted/);
  return screen;
}

/** US-042 with these comments. */
function commented(handle: FakeHandle, comments: readonly ReviewComment[]): void {
  const noted = instances.map(one => (one.runId === runId ? { ...one, review: { viewed: {}, comments } } : one));
  handle.set(busyState({ instances: noted }));
}

describe('the review page', () => {
  test('opens with Enter on what is ready for review, and shows facts and diff at once', async () => {
    const handle = busy();
    handle.material = {
      itemText: 'Find an article by its number.',
      summary: 'I added a search.',
      commits: [{ oid: 'abcdef0123456789', subject: 'Add a search', body: '', author: 'A', at: 0 }],
    };
    const screen = await review(handle);
    const page = (await screen.waitForText('I added a search.')).join('\n');
    for (const words of ['Find an article', 'abcdef0123 Add a search', '2 files', 'no overlap', '✓ merges cleanly'])
      if (words !== 'no overlap') expect(page).toContain(words);
  });

  test('takes comments on selected lines and sends them together', async () => {
    const handle = busy();
    const screen = await review(handle);
    for (const key of ['}', 'j', 'j', 'j', 'V', 'j', '\r']) screen.press(key);
    await screen.waitForText('Comment on source/search.ts:2-3');
    screen.press('Why two lines?');
    screen.press('\r');
    await screen.waitForText('Comment added. Press b to send it to the agent.');
    const [command] = handle.commands;
    if (command?.type !== 'comment') throw new Error('no comment was sent');
    expect(command).toEqual({
      type: 'comment',
      id: runId,
      comment: {
        path: 'source/search.ts',
        side: 'new',
        from: 2,
        to: 3,
        quote: ['+  const wanted = text.trim();', '+  return all.filter(one => one.id === wanted);'],
        text: 'Why two lines?',
        head: '2'.repeat(40),
      },
    });
    commented(handle, [{ ...command.comment, id: 'c1', at: 0, sentAt: null }]);
    await screen.waitForText('┌ to send, line 2-3: Why two lines?');
    screen.press('b');
    await screen.waitForText('source/search.ts:2-3: Why two lines?');
    screen.press('\r');
    await screen.waitForText('did resume');
    expect(handle.commands[1]).toEqual({ type: 'resume', id: runId, message: '', comments: ['c1'] });
  });

  test('shows what another agent found where it stands, whose it is, and sends it back', async () => {
    const handle = busy();
    const screen = await review(handle);
    const head = '2'.repeat(40);
    const found = { side: 'new', from: 2, to: 2, head, at: 0, sentAt: null, by: 'codex' } as const;
    const quote = ['+  const wanted = text.trim();'];
    const comments: readonly ReviewComment[] = [
      { ...found, id: 'c1', path: 'source/search.ts', quote, text: 'Trims nothing.' },
      { ...found, id: 'c2', path: 'source/other.ts', quote: [], text: 'Needs it too.' },
    ];
    const reading = { number: 1, agent: 'codex', head, slot: 8, process: null, startedUp: null, ended: true } as const;
    const readings = { review: { ...reading, outcome: 'done', words: 'Nearly right.', found: 2 } } as const;
    const noted = { review: { viewed: {}, comments }, readings };
    handle.set(busyState({ instances: instances.map(one => (one.runId === runId ? { ...one, ...noted } : one)) }));
    const page = (await screen.waitForText('Nearly right.')).join('\n');
    expect(page).toContain('codex has 2 findings');
    expect(page).toContain('source/search.ts:2 (codex) Trims nothing.');
    for (const key of ['}', 'G']) screen.press(key);
    await screen.waitForText('┌ codex, to send, source/other.ts:2: Needs it too.');
    screen.press('b');
    await screen.waitForText('source/search.ts:2 (codex): Trims nothing.');
    screen.press('\r');
    await screen.waitForText('did resume');
    expect(handle.commands[0]).toEqual({ type: 'resume', id: runId, message: '', comments: ['c2', 'c1'] });
  });

  test('Enter beside the lines of the diff says where a comment can stand', async () => {
    const screen = await review();
    for (const key of ['}', '\r']) screen.press(key);
    await screen.waitForText('A comment is about lines of the diff: move to one of them first.');
  });

  test('Esc ends a selection before it leaves the page', async () => {
    const screen = await review();
    for (const key of ['}', 'j', 'V']) screen.press(key);
    await screen.waitForText('j and k select more lines');
    screen.press('\u001b');
    expect((await screen.still()).join('\n')).toContain('Land US-042');
    screen.press('\u001b');
    await screen.waitForText('┏ Roadmap');
  });

  test('while lines are selected, what is typed at once does nothing else, and the footer says what is possible', async () => {
    const handle = busy();
    const screen = await review(handle);
    for (const key of ['}', 'j', 'V']) screen.press(key);
    await screen.waitForText('j k more lines  Enter write the comment  Esc cancel');
    for (const key of ['y', 'r', 'b', 'a']) {
      screen.press(key);
      await screen.waitForText('Press Enter to write the comment, Esc to cancel.');
    }
    expect(handle.commands).toEqual([]);
    screen.press('\r');
    await screen.waitForText('Comment on source/search.ts');
  });

  test('keys about the diff that come before it has been read count once it has', async () => {
    const handle = busy();
    const { diff } = handle;
    let read = (): void => undefined;
    handle.diff = async (...asked) => {
      await new Promise<void>(resolve => {
        read = resolve;
      });
      return diff.apply(handle, asked);
    };
    const screen = await screenAt(handle, { columns: 120, rows: 40 });
    running = screen;
    for (const chunk of ['/', 'US-042', '\r', '\r']) screen.press(chunk);
    await screen.waitForText('Land US-042 on roadmap?');
    screen.press('\t');
    screen.press('j');
    await screen.still();
    read();
    await screen.waitForText(/source\/search\.ts[\s\S]*▸ @@/);
  });

  test('Space marks a file as viewed in this version', async () => {
    const handle = busy();
    const screen = await review(handle);
    screen.press('\t');
    screen.press(' ');
    await screen.waitForText(/▸■ test\/search.test.ts/);
    const [command] = handle.commands;
    if (command?.type !== 'mark-viewed') throw new Error('nothing was marked');
    expect(command).toMatchObject({
      id: runId,
      path: 'source/search.ts',
      mark: expect.stringMatching(/^[0-9a-f]{16}-/),
    });
    const noted = { viewed: { 'source/search.ts': command.mark ?? '' }, comments: [] };
    handle.set(busyState({ instances: instances.map(one => (one.runId === runId ? { ...one, review: noted } : one)) }));
    await screen.waitForText('✓ source/search.ts');
    await screen.waitForText('1 viewed');
  });

  test('] and [ go to the other branches under review', async () => {
    const screen = await review();
    screen.press(']');
    await screen.waitForText('Land US-041 on roadmap?');
    screen.press('[');
    await screen.waitForText('Land US-042 on roadmap?');
  });

  test('a key pressed before the diff is there lands only what was then read', async () => {
    const handle = busy();
    let give: (text: string) => void = () => undefined;
    const diff = handle.diff.bind(handle);
    handle.diff = () => new Promise(resolve => (give = resolve));
    const screen = await screenAt(handle, { columns: 80, rows: 24 });
    running = screen;
    for (const chunk of ['/', 'US-042', '\r', 'm', 'y']) screen.press(chunk);
    await screen.waitForText('Lands once the diff has been read');
    expect(handle.commands).toEqual([]);
    give(await diff());
    await screen.waitForText('did approve');
    expect(handle.commands).toEqual([{ type: 'approve', id: runId, head: '2'.repeat(40), by: 'user' }]);
  });
});
