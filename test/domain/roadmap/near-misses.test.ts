import { describe, expect, test } from 'vitest';
import { parseRoadmap } from '../../../source/domain/roadmap/parse.ts';
import { rewriteStatus } from '../../../source/domain/roadmap/status-line.ts';

const planned = '\n**Status**: 📝 Planned\n**Files**: `src/a.ts`\n';

function read(text: string) {
  const { items, problems } = parseRoadmap(text, { path: 'ROADMAP.md' });
  return { ids: items.map(item => `${item.id} ${item.status}`), problems };
}

describe('a heading that nearly is an item is read', () => {
  test.each([
    ['### US-002 no colon', 'US-002 planned'],
    ['## [ ] US-005: a box before the id', 'US-005 planned'],
    ['### [ ] US-005 a box and no colon', 'US-005 planned'],
    ['### TASK-7 no colon', 'TASK-7 planned'],
    ['US-006: a line of dashes below it\n---------', 'US-006 planned'],
    ['  **US-006: bold, with a short line below it**\r\n--\r', 'US-006 planned'],
  ])('%s', (heading, expected) => {
    const { ids, problems } = read(`### US-001: Good\n${planned}\n${heading}\n${planned}`);
    expect(ids).toEqual(['US-001 planned', expected]);
    expect(problems).toEqual([]);
  });

  test.each([
    ['### [x] US-005: Title', 'complete'],
    ['### [~] US-005: Title', 'in-progress'],
    ['### [-] US-005: Title', 'cancelled'],
    ['### [ ] 🔴 **US-005: Title**', 'planned'],
  ])('%s says its status by the box', (heading, status) => {
    expect(read(`${heading}\n`).ids).toEqual([`US-005 ${status}`]);
  });

  test('and its box is ticked', () => {
    const text = '## [ ] US-005: Title\r\n\r\nDo.\r\n';
    const [item] = parseRoadmap(text, { path: null }).items;
    if (item === undefined) throw new Error('no item');
    const done = rewriteStatus(text, item, 'complete');
    expect(done?.text).toBe('## [x] US-005: Title\r\n\r\nDo.\r\n');
    expect(rewriteStatus(done?.text ?? '', item, 'planned')?.text).toBe(text);
  });
});

describe('a heading that nearly is an item is reported with its line and what to write', () => {
  test.each([
    ['### US3: no dash', '### US-003: no dash'],
    ['#### US-004: one level deeper', '### US-004: one level deeper'],
    ['### FEAT-6: another prefix', '### US-006: another prefix'],
    ['### Phase 7: a phase', '### US-007: a phase'],
    ['### 8. a number', '### US-008: a number'],
    ['### #9 a number', '### US-009: a number'],
    ['### Milestone 1', '### US-002: Milestone 1'],
    ['### US-001 the same id', '### US-001: the same id'],
    ['# US-002: the highest level', '### US-002: the highest level'],
    ['US-002: underlined as the highest level\n=====', '### US-002: underlined as the highest level'],
  ])('%s', (heading, better) => {
    const { ids, problems } = read(`### US-001: Good\n${planned}\n${heading}\n${planned}`);
    expect(ids).toEqual(['US-001 planned']);
    expect(problems).toMatchObject([{ line: 6, code: 'near-miss' }]);
    expect(problems[0]?.message).toContain(`Write "${better}".`);
  });

  test('one without any id, where it has a status', () => {
    const { ids, problems } = read(`### Search the catalog\n${planned}`);
    expect(ids).toEqual([]);
    expect(problems.map(({ code }) => code)).toEqual(['near-miss', 'empty']);
  });
});

test.each([
  ['### [US-002](https://example.org/2) A title', 'A title'],
  ['### [US-002: A title](docs/us-002.md)', 'A title'],
  ['### US-002: [A title](../2.md) and more', 'A title and more'],
])('where a link leads is no part of the title: %s', (heading, title) => {
  const { items } = parseRoadmap(`${heading}\n${planned}`, { path: null });
  expect(items.map(item => item.title)).toEqual([title]);
});

test('a rule below a paragraph makes it no heading where it has no id', () => {
  const text = `### US-001: Good\n${planned}\nDo this.\n---\n\nAnd **Status** stays.\n\n- a list\n---\n`;
  expect(read(text)).toEqual({ ids: ['US-001 planned'], problems: [] });
  expect(parseRoadmap(text, { path: null }).items[0]?.endLine).toBe(text.split('\n').length - 1);
});

test('the status of an underlined item is written where it stands', () => {
  const text = 'US-001: One\r\n-----\r\n\r\n**Status**: planned\r\n';
  const [item] = parseRoadmap(text, { path: null }).items;
  if (item === undefined) throw new Error('no item');
  expect(rewriteStatus(text, item, 'complete')?.text).toBe('US-001: One\r\n-----\r\n\r\n**Status**: ✅ Complete\r\n');
});

test.each([
  '### Next steps (after US-001)\n\n**Status**: later\n',
  '### Notes\n\nText.\n',
  '### Overall status\n\n**Status**: fine\n',
  '### US-001 was the first\n\nText.\n',
  '#### Phase 1: inside an item\n\n**Status**: ✅ Complete\n',
  '#### US-004: a title\n\nText.\n',
])('a heading like any other is left alone: %s', section => {
  expect(read(`### US-001: Good\n${planned}\n${section}`).problems).toEqual([]);
});

describe('nothing at all', () => {
  test.each([
    ['', 'it is empty'],
    ['Just text.\n', 'it is text without headings'],
    ['# Roadmap\n\n## Ideas\n', 'none of its 2 headings is one'],
    ['# Roadmap\n', 'its only heading is none'],
    ['* TODO US-001 One\n** DONE US-002 Two\n', 'it looks like an outline of Org mode'],
    ['= Plan\n\n== US-001: One\n', 'it looks like AsciiDoc'],
    ['# R\n\n| ID | Title |\n|---|---|\n| US-001 | One |\n', 'it looks like a table'],
    ['# R\n\n**US-001: One**\n\n**US-002: Two**\n', 'it looks like bold lines in place of headings'],
    ['# R\n\n1. One\n2. Two\n', 'it looks like a numbered list'],
    ['# R\n\n- One\n- Two\n', 'it looks like a list without checkboxes'],
  ])('%j', (text, looks) => {
    const { problems } = read(text);
    expect(problems).toMatchObject([{ line: 1, code: 'empty' }]);
    expect(problems[0]?.message).toContain(looks);
    expect(problems[0]?.message).toContain('### US-001: Title');
  });
});

describe('statuses of other tools', () => {
  test.each([
    ['pending', 'planned'],
    ['open', 'planned'],
    ['todo', 'planned'],
    ['To Do', 'planned'],
    ['to_do', 'planned'],
    ['in-progress', 'in-progress'],
    ['in_progress', 'in-progress'],
    ['done', 'complete'],
    ['closed', 'complete'],
    ['cancelled', 'cancelled'],
    ['canceled', 'cancelled'],
    ["won't do", 'cancelled'],
    ['deferred', 'blocked'],
    ['blocked', 'blocked'],
    ['[ ]', 'planned'],
    ['[x]', 'complete'],
    ['[~]', 'in-progress'],
    ['[-]', 'cancelled'],
    ['[ ] Planned', 'planned'],
    ['⏳', 'planned'],
    ['⏳ In progress', 'in-progress'],
    ['🟡', 'in-progress'],
    ['🟢', 'complete'],
    ['🔴', 'blocked'],
    ['🔴 Planned', 'planned'],
    ['🟢 Ready', 'planned'],
  ])('%s is %s', (value, status) => {
    const { ids, problems } = read(`### US-001: A\n\n**Status**: ${value}\n`);
    expect(ids).toEqual([`US-001 ${status}`]);
    expect(problems).toEqual([]);
  });

  test.each(['⏳ Maybe', '🟢 Live since May', 'opening soon', 'pending review', 'someday', '[?]'])(
    '%s is not known, and reported',
    value => {
      const { ids, problems } = read(`### US-001: A\n\n**Status**: ${value}\n`);
      expect(ids).toEqual(['US-001 unknown']);
      expect(problems).toMatchObject([{ line: 3, code: 'status' }]);
    },
  );
});
