import { describe, expect, it } from 'vitest';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';

const files = {
  'src/pricing.js': 'export function formatPrice(cents) {\n  return cents / 100;\n}\n',
  'src/router.js': 'export const routes = [];\n',
  'src/greeting.js': 'export const greeting = "Hello";\n',
};
const items = [
  { id: 'US-001', extra: '`formatPrice` drops trailing zeros. Write it in src/pricing.js.' },
  { id: 'US-002', extra: 'Cache what src/router.js finds. Needs US-001 first.' },
  { id: 'US-003', extra: 'Somehow nicer.' },
];

describe('cm-tui scope', () => {
  it.each([
    [
      'answers',
      `echo thinking; echo '{"items":[{"id":"US-003","files":[{"path":"src/new.js","reason":"the page"},"../x"]}]}'`,
    ],
    ['answers with something else', 'echo no idea'],
  ])('asks the configured agent, which %s', async (how, script) => {
    const claude = { command: 'sh', wrapper: ['sh', '-c', script, 'sh'] };
    const one = temporaryProduct({ items, files, settings: { agent: 'claude', agents: { claude } } });
    const { items: found, notes } = JSON.parse((await one.run('scope', 'US-003', '--json')).stdout);
    const paths = found[0].files.map(({ path }: Record<string, unknown>) => path);
    if (how === 'answers') expect([found[0].by, paths]).toEqual(['claude', ['src/new.js']]);
    else
      expect([found[0].by, paths, notes[0]]).toEqual([
        'guess',
        [],
        expect.stringContaining('claude gave no usable answer'),
      ]);
    expect(one.git('status', '--porcelain')).toBe('');
  });

  it('suggests as JSON without changing anything, and sets what it suggested in one commit', async () => {
    const one = temporaryProduct({ items, files });
    const before = one.git('rev-parse', 'roadmap');
    const { stdout } = await one.run('scope', '--json');
    const { items: found, gain, applied } = JSON.parse(stdout);
    expect(found.map(({ id, sure, dependsOn }: Record<string, unknown>) => [id, sure, dependsOn])).toEqual([
      ['US-001', true, []],
      ['US-002', true, ['US-001']],
      ['US-003', false, []],
    ]);
    expect(found[0].files[0]).toMatchObject({ path: 'src/pricing.js' });
    expect(found[0].files[0].reason).toContain('named in the text');
    expect(gain).toMatchObject({ before: 1, after: 2, of: 3 });
    expect([applied, one.git('rev-parse', 'roadmap')]).toEqual([false, before]);

    expect((await one.run('scope', '--yes')).stdout).toContain('US-001: scope set in docs/roadmap/ROADMAP.md.');
    expect(one.git('log', '--format=%s', `${before}..roadmap`)).toBe('Set the scope of US-001, US-002');
    expect(one.git('status', '--porcelain')).toBe('');
    const { items: after } = JSON.parse((await one.run('roadmap', '--json')).stdout);
    expect(after.map(({ scope }: Record<string, Record<string, unknown>>) => scope?.kind)).toEqual([
      'known',
      'known',
      'unknown',
    ]);
  });
});
