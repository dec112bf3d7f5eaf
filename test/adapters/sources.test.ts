import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSources, type SourcesOptions } from '../../source/adapters/sources/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const item = '## US-001: A 📝 Planned\n\n**Files**: `src/`\n';

function setup(files: Readonly<Record<string, string | Buffer>>, options: Partial<SourcesOptions> = {}) {
  const root = temporaryFolder();
  for (const [name, content] of Object.entries(files)) write(root, name, content);
  return {
    root,
    sources: createSources({ root, roadmap: null, ownership: null, readOnlyTypes: ['assistant'], ...options }),
  };
}

/** Writes a file whose times lie well back, so that it counts as settled. */
function write(root: string, name: string, content: string | Buffer, age = 60): void {
  const file = path.join(root, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
  const time = Date.now() / 1000 - age;
  fs.utimesSync(file, time, time);
}

describe('finding the files', () => {
  test('the usual places are tried in order', async () => {
    const places = ['docs/roadmap/ROADMAP.md', 'docs/ROADMAP.md', 'ROADMAP.md'];
    const { root, sources } = setup(Object.fromEntries(places.map(place => [place, item])));
    for (const place of places) {
      expect((await sources.read()).roadmap).toMatchObject({ path: place, items: [{ id: 'US-001' }], problems: [] });
      fs.rmSync(path.join(root, place));
    }
    expect((await sources.read()).roadmap).toEqual({ path: null, items: [], problems: [] });
  });

  test('a named file goes before them, absolute or not', async () => {
    const files = { 'ROADMAP.md': item, 'plans/next.md': item.replace('US-001', 'US-002') };
    const { root, sources } = setup(files, { roadmap: 'plans/next.md' });
    expect((await sources.read()).roadmap).toMatchObject({ path: 'plans/next.md', items: [{ id: 'US-002' }] });
    const absolute = createSources({
      root,
      roadmap: path.join(root, 'plans/next.md'),
      ownership: null,
      readOnlyTypes: [],
    });
    expect((await absolute.read()).roadmap.path).toBe('plans/next.md');
  });

  test.each([
    ['missing.md', 'does not exist'],
    ['docs', 'is not a regular file'],
    ['../outside.md', 'does not exist'],
    ['.', 'is outside the repository'],
    ['ROADMAP.md/x', 'does not exist'],
  ])('a named file %s that cannot be used is a problem', async (name, why) => {
    const { root, sources } = setup({ 'ROADMAP.md': item, 'docs/x.md': '' }, { roadmap: name, ownership: name });
    const { roadmap, ownershipProblems } = await sources.read();
    expect(roadmap).toMatchObject({ path: null, items: [] });
    for (const problems of [roadmap.problems, ownershipProblems]) {
      expect(problems).toMatchObject([{ line: 1, code: 'file' }]);
      expect(problems[0]?.message).toContain(why);
      expect(problems[0]?.message).not.toContain(root);
    }
  });

  test('a link that leads out is not followed, one inside is', async () => {
    const outside = temporaryFolder();
    write(outside, 'ROADMAP.md', item);
    const { root, sources } = setup({ 'real/plan.md': item });
    fs.symlinkSync(path.join(outside, 'ROADMAP.md'), path.join(root, 'ROADMAP.md'));
    const refused = await sources.read();
    expect(refused.roadmap.items).toEqual([]);
    expect(refused.roadmap.problems[0]?.message).toContain('outside the repository');
    fs.rmSync(path.join(root, 'ROADMAP.md'));
    fs.symlinkSync('real/plan.md', path.join(root, 'ROADMAP.md'));
    expect((await sources.read()).roadmap).toMatchObject({
      path: 'real/plan.md',
      items: [{ id: 'US-001' }],
      problems: [],
    });
    fs.rmSync(path.join(root, 'ROADMAP.md'));
    fs.symlinkSync('nowhere.md', path.join(root, 'ROADMAP.md'));
    expect((await sources.read()).roadmap.problems[0]?.message).toContain('broken symbolic link');
  });

  test('a folder that is a link out is not followed either', async () => {
    const outside = temporaryFolder();
    write(outside, 'ROADMAP.md', item);
    const { root, sources } = setup({});
    fs.symlinkSync(outside, path.join(root, 'docs'));
    expect((await sources.read()).roadmap).toMatchObject({ path: null, items: [], problems: [{ code: 'file' }] });
  });
});

describe('reading again', () => {
  test('only when a file changed', async () => {
    const { root, sources } = setup({ 'ROADMAP.md': item });
    const one = await sources.read();
    expect(await sources.read()).toBe(one);
    write(root, 'ROADMAP.md', `${item}\n## US-002: B 📝\n`, 30);
    const two = await sources.read();
    expect(two.stamp).not.toBe(one.stamp);
    expect(two.roadmap.items).toHaveLength(2);
    expect(await sources.read()).toBe(two);
    write(root, 'docs/AGENT_OWNERSHIP.md', '| File | Owner |\n|---|---|\n| src/ | architect |\n');
    const three = await sources.read();
    expect(three.stamp).not.toBe(two.stamp);
    expect(three.roadmap.items).toBe(two.roadmap.items);
    expect(three.ownership.rules).toHaveLength(1);
    fs.rmSync(path.join(root, 'ROADMAP.md'));
    const four = await sources.read();
    expect(four.roadmap.items).toEqual([]);
    expect(four.stamp).not.toBe(three.stamp);
    expect(await sources.read()).toBe(four);
  });

  test('when a file of the same size and time took its place', async () => {
    const { root, sources } = setup({ 'ROADMAP.md': item });
    const one = await sources.read();
    const time = fs.statSync(path.join(root, 'ROADMAP.md')).mtime;
    fs.writeFileSync(path.join(root, 'next.md'), item.replace('US-001', 'US-009'));
    fs.utimesSync(path.join(root, 'next.md'), time, time);
    fs.renameSync(path.join(root, 'next.md'), path.join(root, 'ROADMAP.md'));
    const two = await sources.read();
    expect(two.roadmap.items[0]?.id).toBe('US-009');
    expect(two.stamp).not.toBe(one.stamp);
  });

  test('a file written just now is looked at again, and the same content is no change', async () => {
    const { root, sources } = setup({});
    fs.writeFileSync(path.join(root, 'ROADMAP.md'), item);
    const one = await sources.read();
    fs.writeFileSync(path.join(root, 'ROADMAP.md'), item.replace('US-001', 'US-009'));
    const two = await sources.read();
    expect(two.roadmap.items[0]?.id).toBe('US-009');
    expect(two.stamp).not.toBe(one.stamp);
    fs.writeFileSync(path.join(root, 'ROADMAP.md'), item.replace('US-001', 'US-009'));
    expect(await sources.read()).toBe(two);
  });

  test('two at once read once', async () => {
    const { sources } = setup({ 'ROADMAP.md': item });
    const [one, two] = await Promise.all([sources.read(), sources.read()]);
    expect(one).toBe(two);
  });

  test('when a spec file changed that an item draws its scope from', async () => {
    const text = '## US-001: A 📝\n\n**Spec**: `specs/one.md`\n';
    const { root, sources } = setup({ 'docs/ROADMAP.md': text });
    expect((await sources.read()).roadmap.items[0]?.scope.kind).toBe('unknown');
    write(root, 'docs/specs/one.md', '- Create `src/a.ts`\n');
    expect((await sources.read()).roadmap.items[0]?.scope).toEqual({ kind: 'inferred', paths: ['src/a.ts'] });
    write(root, 'specs/one.md', '- Create `src/b.ts`\n');
    expect((await sources.read()).roadmap.items[0]?.scope.paths).toEqual(['src/b.ts']);
  });
});

describe('what is read', () => {
  test('bad bytes are replaced and reported by line', async () => {
    const bad = Buffer.concat([
      Buffer.from(`${item}\n`),
      Buffer.from([0xff, 0xfe, 0x0a]),
      Buffer.from('## US-002: B 📝\n'),
      Buffer.from([0xc3]),
    ]);
    const { roadmap } = await setup({ 'ROADMAP.md': bad }).sources.read();
    expect(roadmap.items.map(one => one.id)).toEqual(['US-001', 'US-002']);
    expect(roadmap.problems).toMatchObject([{ line: 5, code: 'encoding' }]);
    expect(roadmap.problems[0]?.message).toContain('2 lines');
  });

  test('read-only types of settings and table are joined', async () => {
    const table = '| Agent | Owns |\n|---|---|\n| searcher | NONE |\n| assistant | NONE |\n';
    const { ownership, ownershipProblems } = await setup({ 'docs/AGENT_OWNERSHIP.md': table }).sources.read();
    expect(ownership).toEqual({ rules: [], readOnly: ['assistant', 'searcher'], ignoredRows: 0 });
    expect(ownershipProblems).toEqual([]);
  });

  test('a spec outside the repository is not', async () => {
    const folder = temporaryFolder();
    const root = path.join(folder, 'repo');
    const text =
      '## US-001: A 📝\n**Spec**: `specs/one.md`\n\n## US-002: B 📝\n**Spec**: `../spec.md`\n\n## US-003: C 📝\n**Spec**: `specs/two.md`\n';
    write(folder, 'spec.md', '- Create `src/secret.ts`\n');
    write(root, 'ROADMAP.md', text);
    write(root, 'specs/two.md', '- Create `src/open.ts`\n');
    fs.symlinkSync(path.join(folder, 'spec.md'), path.join(root, 'specs/one.md'));
    const { roadmap } = await createSources({ root, roadmap: null, ownership: null, readOnlyTypes: [] }).read();
    expect(roadmap.items.map(one => one.scope.kind)).toEqual(['unknown', 'unknown', 'inferred']);
  });
});

describe('the text of a section', () => {
  const text = '# Plan\r\n\r\n## US-001: A 📝\r\nDo it.\x1b[31m\r\n\r\n### Notes\r\nx\r\n\r\n## US-002: B 📝\r\n';

  test('is the section as written, with plain line ends', async () => {
    const { sources } = setup({ 'ROADMAP.md': text });
    const [one] = (await sources.read()).roadmap.items;
    if (one === undefined) throw new Error('no item');
    expect(await sources.sectionText(one)).toBe('## US-001: A 📝\nDo it.\x1b[31m\n\n### Notes\nx\n');
    expect(await sources.sectionText({ ...one, line: 0, prompt: 'Do that' })).toBe('Do that');
  });

  test('is found again after the file changed, and missed when it is gone', async () => {
    const { root, sources } = setup({ 'ROADMAP.md': text });
    const [one] = (await sources.read()).roadmap.items;
    if (one === undefined) throw new Error('no item');
    write(root, 'ROADMAP.md', `\ufeff# New\n\n${text}`);
    expect(await sources.sectionText(one)).toMatch(/^## US-001: A/);
    write(root, 'ROADMAP.md', '# Empty\n');
    await expect(sources.sectionText(one)).rejects.toThrow('US-001 is no longer in the ROADMAP');
    fs.rmSync(path.join(root, 'ROADMAP.md'));
    await expect(sources.sectionText(one)).rejects.toThrow('US-001 is no longer in the ROADMAP');
  });
});
