import { describe, expect, test } from 'vitest';
import { type FileType, setStatusInFile } from '../../../source/adapters/sources/formats.ts';
import { sampleOf } from '../../helpers/tiers.ts';
import { alone, lists, readList } from './lists.ts';

/** Entries of one phase of spec-kit that run side by side. */
function entries(count: number, phase: number): string {
  return Array.from({ length: count }, (_, at) => `- [ ] T${phase}${String(at).padStart(5, '0')} [P] Do\n`).join('');
}

/** Entries of a list in JSON; the first waits for the last, as `waits` writes it. */
function stories(count: number, waits: (id: string) => unknown = id => id): readonly object[] {
  return Array.from({ length: count }, (_, at) => ({
    id: String(at + 1),
    title: 'x',
    status: 'pending',
    passes: false,
    dependencies: at > 0 ? [] : [waits(String(count))],
  }));
}

const blocker = (id: string) => ({ type: 'blocks', depends_on_id: id });

describe('bad input is a sentence, and never an error', () => {
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
  test.each<[FileType, string, string, RegExp]>([
    ['task-master', 'broken JSON', '{"master":{"tasks":[{"id":1,]}}', /not valid JSON on line 1/],
    ['task-master', 'nesting', `{"master":{"tasks":${deep}}}`, /nested more than/],
    ['task-master', 'no list', '{"tasks":{}}', /no list named/],
    ['task-master', 'a list in its place', '[]', /not an object/],
    ['ralph', 'broken JSON', '{"userStories":[', /not valid JSON/],
    ['ralph', 'no passes', '{"userStories":[{"id":"A","title":"x"}]}', /does not say whether it passes/],
    ['beads', 'a broken line', '{"id":"a-1","title":"x","status":"open"}\n{oops\n', /Line 2 .* is not an issue/],
    ['backlog', 'an open end', '---\nid: task-1\ntitle: x\n', /never closed/],
    [
      'backlog',
      'a bomb',
      `---\na: &a [x,x]\n${'bcdefghij'
        .split('')
        .map((name, at) => `${name}: &${name} [${`*${'abcdefghi'[at]},`.repeat(9)}]`)
        .join('\n')}\n---\n`,
      /has front matter that cannot be read: Excessive alias count/,
    ],
    ['backlog', 'no YAML', '---\nid: [unclosed\n---\n', /not valid YAML/],
    ['backlog', 'no front matter', '# Title\n', /no front matter/],
    [
      'backlog',
      'a status nobody knows',
      '---\nid: task-1\ntitle: x\nstatus: Maybe\n---\n',
      /status "Maybe" is unknown/,
    ],
    ['checklist', 'a mark nobody knows', '- [?] one\n', /unknown status/],
  ])('%s: %s', async (type, _, text, message) => {
    const { problems } = await readList(type, text);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0]?.message).toMatch(message);
  });

  test.each(Object.keys(lists).filter((type): type is FileType => type in lists))(
    '%s: nothing and noise',
    async type => {
      for (const text of ['', '\0\ufffd', '[]', '{}', '---\n---\n', '- [ ]', '- [ ] ', deep]) {
        const { items, problems } = await readList(type, text);
        expect(items).toEqual([]);
        for (const { message } of problems) expect(message).toMatch(/^[^\0\n]{1,400}\.$/);
        // A list of boxes may have none; a file of any other form says what is wrong with it.
        if (type === 'backlog' || type === 'task-master' || (type === 'ralph' && text !== '[]')) {
          expect(problems.length).toBeGreaterThan(0);
          expect(problems[0]?.message).toContain(lists[type].path);
        }
      }
    },
  );

  test('names that every object has are names like any other', async () => {
    const { items } = await readList(
      'task-master',
      '{"__proto__":{"tasks":[{"id":1,"title":"x","status":"pending","__proto__":{"status":"done"}}]}}',
    );
    expect(items.map(({ id, status }) => [id, status])).toEqual([['__proto__/1', 'planned']]);
    expect(({} as Record<string, unknown>).tasks).toBeUndefined();
    const yaml = await readList('backlog', '---\n__proto__:\n  id: task-9\nid: task-1\ntitle: x\nstatus: todo\n---\n');
    expect(yaml.items.map(({ id }) => id)).toEqual(['task-1']);
  });

  const long: readonly (readonly [string, FileType, (many: number) => string, number, string])[] = [
    ['entries', 'checklist', many => Array.from({ length: many }, (_, at) => `- [ ] one ${at}\n`).join(''), 20_000, ''],
    [
      'entries that all wait for all before them',
      'spec-kit',
      many => [1, 2].map(phase => `## Phase ${phase}\n${entries(many / 2, phase)}`).join(''),
      12_509,
      '',
    ],
    ['lines', 'kiro', many => `- [ ] 1. One\n${'\n'.repeat(many * 10)}- [ ] 2. Two\n`, 1, ''],
    ['stories', 'ralph', many => JSON.stringify({ userStories: stories(many) }), 20_000, '25000'],
    ['entries of a program', 'task-master', many => JSON.stringify({ tasks: stories(many) }), 20_000, '25000'],
    [
      'phases',
      'gsd',
      many => Array.from({ length: many / 10 }, (_, at) => `- [ ] **Phase ${at + 1}: A**\n`).join(''),
      1000,
      '',
    ],
    [
      'issues',
      'beads',
      many =>
        stories(many, blocker)
          .map(story => `${JSON.stringify(story)}\n`)
          .join(''),
      20_000,
      '25000',
    ],
  ];
  test.each(sampleOf(long, ([, type]) => type === 'kiro' || type === 'task-master'))(
    'more %s than anybody works on',
    async (_, type, text, expected, waits) => {
      const { items, problems } = await readList(type, text(25_000));
      expect(items).toHaveLength(expected);
      expect(problems.map(({ code }) => code)).toEqual(['size']);
      expect(problems[0]?.message).toContain(lists[type].path);
      // What waits for an item that was not read does not start.
      expect(items[0]).toMatchObject(
        waits === ''
          ? { status: 'planned' }
          : { status: 'blocked', notes: [`waits for ${waits}, which is not among the items that were read`] },
      );
    },
  );

  test('of two fields of one name the last one counts, for reading and writing', async () => {
    const text = '{"tasks":[{"id":1,"title":"a, ]} \\" b","status":"done","x":[{}],"status" :\n"pending"}]}';
    expect((await readList('task-master', text)).items).toMatchObject([{ status: 'planned' }]);
    const place = { source: 'task-master', name: '1', path: lists['task-master'].path, line: 1, heading: '' };
    expect((await setStatusInFile(text, place, 'complete', alone))?.text).toBe(text.replace('"pending"', '"done"'));
  });

  test('an issue that is there twice is a sentence', async () => {
    const line = (title: string) => `${JSON.stringify({ id: 'a-1', title, status: 'open' })}\n`;
    const { items, problems } = await readList('beads', line('Old') + line('New'));
    expect(items.map(({ title }) => title)).toEqual(['New']);
    expect(problems).toMatchObject([{ code: 'duplicate', line: 2, message: expect.stringContaining('lines 1 and 2') }]);
  });
});
