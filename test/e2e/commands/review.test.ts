import { describe, expect, it } from 'vitest';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';

const agent = [
  'mkdir -p out && echo "work of $CM_KEY" > "out/$CM_KEY.txt"',
  'git add -A && git commit -qm "Write it" -m "In one go."',
].join(' && ');

describe('cm-tui review', () => {
  it('prints what the page shows: what was asked, commits, checks, trial merge and the diff', async () => {
    const one = temporaryProduct({
      items: [{ id: 'US-041', files: ['out/US-041.txt'], extra: '\nPut the work down.' }],
      agent,
    });
    one.configure({ checks: ['true'] });
    expect((await one.run('start', '--headless', '--exit-when-idle')).code).toBe(1);
    const review = await one.json<Readonly<Record<string, unknown>>>('review', 'US-041', '--json');
    expect(review).toMatchObject({
      key: 'US-041',
      state: 'awaiting-approval',
      target: 'roadmap',
      prediction: 'clean',
      checks: { outcome: 'passed' },
      commits: [{ subject: 'Write it', body: 'In one go.' }],
      files: [{ path: 'out/US-041.txt', change: 'A', insertions: 1, viewed: false, generated: false }],
      comments: [],
      violations: [],
    });
    expect(review.itemText).toContain('Put the work down.');
    expect(review.diff).toContain('+work of US-041');
    const { stdout, code } = await one.run('review', '041');
    expect(code).toBe(0);
    for (const words of ['Put the work down.', 'merges cleanly with roadmap', 'passed', 'Write it', '+work of US-041'])
      expect(stdout).toContain(words);
    expect(await one.run('review', 'US-999')).toMatchObject({ code: 1, stdout: '' });
  });
});
