import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { committingAgent } from '../../helpers/programs/product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

const headless = ['start', '--headless', '--approve', 'clean', '--exit-when-idle'];
const four = ['US-041', 'US-042', 'US-043', 'US-044'].map(id => ({ id, files: [`out/${id}.txt`] }));

interface Status {
  readonly instances: readonly {
    readonly key: string;
    readonly state: string;
    readonly reason: string | null;
    readonly worktreePath: string;
    readonly branchName: string;
  }[];
}

describe('a ROADMAP without a screen', () => {
  it('lands four independent items as merge commits and sets their status', async () => {
    const one = temporaryProduct({ items: four, agent: `sleep 1\n${committingAgent}` });
    const result = await one.run(...headless);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const merges = one.git('log', '--merges', '--format=%s', 'roadmap').split('\n').sort();
    expect(merges).toEqual(four.map(({ id }) => `Merge ${id} parallel execution`));
    expect(one.git('status', '--porcelain')).toBe('');
    expect(one.read('docs/roadmap/ROADMAP.md').match(/\*\*Status\*\*: ✅ Complete/g)).toHaveLength(4);
    for (const { id } of four) expect(one.read(`out/${id}.txt`)).toBe(`work of ${id}\n`);
  });

  it.runIf(isLong)('runs a dependent item only after what it needs has landed', async () => {
    const one = temporaryProduct({
      items: [
        { id: 'US-041', files: ['out/US-041.txt'] },
        { id: 'US-042', files: ['out/US-042.txt'], dependsOn: ['US-041'] },
      ],
      agent: `if [ "$CM_KEY" = US-042 ]; then test -f out/US-041.txt || exit 9; fi\n${committingAgent}`,
    });
    expect(await one.run(...headless)).toMatchObject({ code: 0 });
  });

  it("keeps the user's files to the byte and holds back only what they are in the way of", async () => {
    const one = temporaryProduct({
      items: [
        { id: 'US-041', files: ['shared.txt'] },
        { id: 'US-042', files: ['out/US-042.txt'] },
      ],
      files: { 'shared.txt': 'one\n', 'other.txt': 'two\n' },
      agent: `if [ "$CM_KEY" = US-041 ]; then echo agent > shared.txt; git commit -qam work; else\n${committingAgent}\nfi`,
    });
    one.write('shared.txt', 'the user was here\n');
    one.write('other.txt', 'unrelated\n');
    one.write('untracked.txt', 'mine\n');
    const result = await one.run(...headless);
    expect(result.code).toBe(1);
    expect([one.read('shared.txt'), one.read('other.txt'), one.read('untracked.txt')]).toEqual([
      'the user was here\n',
      'unrelated\n',
      'mine\n',
    ]);
    const held = (await one.json<Status>('status', '--json')).instances;
    expect(held.map(({ key, state }) => [key, state])).toEqual([
      ['US-041', 'blocked'],
      ['US-042', 'merged'],
    ]);
    expect(held[0]?.reason).toContain('shared.txt');
    const before = one.git('rev-parse', 'roadmap');
    one.git('commit', '-qm', 'mine', 'shared.txt');
    const after = one.git('rev-parse', 'roadmap');
    expect(after).not.toBe(before);
    const conflicted = (await one.json<Status>('status', '--json')).instances[0];
    expect(conflicted).toMatchObject({ key: 'US-041', state: 'conflict' });
    expect(conflicted?.reason).toContain('shared.txt');
    expect((await one.run(...headless)).code).toBe(1);
    expect(one.git('rev-parse', 'roadmap')).toBe(after);
    expect(existsSync(conflicted?.worktreePath ?? '')).toBe(true);
  });

  it('judges what agents leave behind by git, not by their exit code alone', async () => {
    const agents = [
      'case $CM_KEY in',
      'US-041) exit 0 ;;',
      'US-042) echo dirty > out.txt; exit 0 ;;',
      `US-043) ${committingAgent}; exit 3 ;;`,
      'US-044) echo x > elsewhere.txt; git add -A; git commit -qm elsewhere ;;',
      'esac',
    ].join('\n');
    const one = temporaryProduct({ items: four, agent: agents });
    expect((await one.run(...headless)).code).toBe(1);
    const states = (await one.json<Status>('status', '--json')).instances.map(({ key, state }) => [key, state]);
    expect(states).toEqual([
      ['US-041', 'no-work'],
      ['US-042', 'needs-attention'],
      ['US-043', 'failed'],
      ['US-044', 'blocked'],
    ]);
    expect(one.git('log', '--merges', '--format=%s', 'roadmap')).toBe('');
  });

  it.each([
    ['Linux', {}],
    ['every other system', { CM_TUI_SYSTEM: 'portable' }],
  ])(
    'goes on after kill -9: agents live, the next start adopts them and all land once, as on %s',
    async (_system, variables) => {
      const one = temporaryProduct({
        items: four.slice(0, 3),
        agent: `step() { i=$1; while [ $i -lt $2 ]; do echo "step $i"; i=$((i+1)); done; }
step 0 10; until [ -e "$(dirname "$0")/go" ]; do sleep 0.05; done; step 10 20\n${committingAgent}`,
      }).with(variables);
      for (let start = 0; start < 2; start++) {
        const running = one.start(...headless);
        await running.event(event =>
          start === 0 ? event.type === 'instance-started' : event.type === 'instance-adopted',
        );
        if (start === 0) {
          await running.event(() => running.events.filter(event => event.type === 'instance-started').length === 3);
        }
        running.kill('SIGKILL');
        await running.exit;
      }
      writeFileSync(join(one.base, 'go'), '');
      const last = await one.run(...headless);
      expect(last).toMatchObject({ code: 0, stderr: '' });
      expect(one.git('log', '--merges', '--format=%s', 'roadmap').split('\n').sort()).toEqual(
        four.slice(0, 3).map(({ id }) => `Merge ${id} parallel execution`),
      );
      for (const { id } of four.slice(0, 3)) {
        const { stdout } = await one.run('logs', id, '--raw');
        const steps = stdout.split('\n').filter(line => line.startsWith('step '));
        expect(steps, id).toEqual(Array.from({ length: 20 }, (_, step) => `step ${step}`));
      }
    },
  );
});
