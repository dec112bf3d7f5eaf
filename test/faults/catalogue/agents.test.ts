import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { committingAgent } from '../../helpers/programs/product.ts';
import { bearersOf } from '../../helpers/programs/survivors.ts';
import { isLong } from '../../helpers/tiers.ts';
import { landedKeys, only, seen, shopOf, worktreeOf } from '../cases.ts';
import { headless } from '../invariants.ts';

/** Cases of the fault catalogue (docs/faults.md) of agents that misbehave and of odd repositories; the number is the case's. */

describe('agents that do what they should not', () => {
  const meetSibling = 'until [ -e ../shop-wt042/.git ]; do sleep 0.05; done';
  const misdeeds: Readonly<Record<string, string>> = {
    'checks out another branch': 'git checkout -q -b other && echo x > x.txt && git add -A && git commit -qm other',
    'throws its own work away': `${committingAgent}; git reset -q --hard HEAD^`,
    'tries to delete the branch of a sibling': `${meetSibling}; git branch -D roadmap-042 2>/dev/null; true`,
    'tries to remove the worktree of a sibling': `${meetSibling}; git worktree remove --force ../shop-wt042 2>/dev/null; true`,
    'leaves a merge half done':
      'git checkout -q -b side; echo a > README.md; git commit -qam a; git checkout -q roadmap-041; echo b > README.md; git commit -qam b; git merge side >/dev/null 2>&1; true',
  };

  test.runIf(isLong).each(Object.entries(misdeeds))(
    '36: one %s; the other lands untouched and nothing of the user changes',
    async (_what, script) => {
      const one = shopOf(2, { agent: only('US-041', script) });
      one.write('mine.txt', 'mine\n');
      await one.run(...headless);
      expect(landedKeys(one)).toEqual(['US-042']);
      expect(one.read('mine.txt')).toBe('mine\n');
      expect(one.git('status', '--porcelain')).toBe('?? mine.txt');
      expect((await seen(one))['US-041']?.state).toMatch(/^(no-work|needs-attention|failed|blocked)$/);
    },
  );

  /** US-042 commits and goes on until it is let go; US-041 waits for that, then does harm, then its own work. */
  const harming = (harm: string) => {
    const base = '"$(dirname "$0")"';
    const sibling = `${committingAgent}; : > ${base}/committed; until [ -e ${base}/go ]; do sleep 0.05; done`;
    const culprit = `until [ -e ${base}/committed ]; do sleep 0.05; done; ${harm}; ${committingAgent}`;
    return `if [ "$CM_KEY" = US-041 ]; then\n${culprit}\nelse\n${sibling}\nfi`;
  };

  test.runIf(isLong)(
    '36: one deletes the branch of a sibling at work: that is told with the way back, by which it lands',
    async () => {
      const one = shopOf(2, { agent: harming('git update-ref -d refs/heads/roadmap-042; : > "$(dirname "$0")/go"') });
      one.write('mine.txt', 'mine\n');
      expect((await one.run(...headless)).code).toBe(1);
      expect(landedKeys(one)).toEqual(['US-041']);
      const { state, reason } = (await seen(one))['US-042'] ?? {};
      expect(state).toBe('needs-attention');
      const [, head = ''] = /"git branch roadmap-042 ([0-9a-f]{40})"/.exec(reason ?? '') ?? [];
      expect(one.git('show', `${head}:out/US-042.txt`)).toBe('work of US-042');
      one.git('branch', 'roadmap-042', head);
      expect((await one.run(...headless)).code).toBe(0);
      expect(landedKeys(one)).toEqual(['US-041', 'US-042']);
      expect(one.git('status', '--porcelain')).toBe('?? mine.txt');
    },
  );

  test.runIf(isLong)(
    '36: one deletes the branch of a sibling that has not committed yet: its work waits for a person, nobody waits for it',
    async () => {
      const base = '"$(dirname "$0")"';
      const sibling = `: > ${base}/begun; until [ -e ${base}/go ]; do sleep 0.05; done; ${committingAgent}`;
      const culprit = `until [ -e ${base}/begun ]; do sleep 0.05; done; git update-ref -d refs/heads/roadmap-042; : > ${base}/go; ${committingAgent}`;
      const one = shopOf(2, { agent: `if [ "$CM_KEY" = US-041 ]; then\n${culprit}\nelse\n${sibling}\nfi` });
      expect((await one.run(...headless)).code).toBe(1);
      expect(landedKeys(one)).toEqual(['US-041']);
      const { state, reason } = (await seen(one))['US-042'] ?? {};
      expect(state).toBe('needs-attention');
      expect(reason).toContain('no longer has a commit in common with roadmap');
      const [, mend = ''] = /"git (rebase [^"]+)" in its worktree/.exec(reason ?? '') ?? [];
      one.gitIn(worktreeOf(one, '042'), ...mend.split(' '));
      expect((await one.run(...headless)).code).toBe(0);
      expect(landedKeys(one)).toEqual(['US-041', 'US-042']);
    },
  );

  test.runIf(isLong)(
    '36: one removes the worktree of a sibling at work: that one is stopped, what it committed is kept',
    async () => {
      const agent = harming('git worktree remove -f -f ../shop-wt042');
      const one = shopOf(2, { agent, settings: { pollSeconds: 1 } });
      one.write('mine.txt', 'mine\n');
      expect((await one.run(...headless)).code).toBe(1);
      expect(landedKeys(one)).toEqual(['US-041']);
      expect((await seen(one))['US-042']).toMatchObject({
        state: 'awaiting-approval',
        reason: expect.stringContaining('worktree was removed'),
      });
      expect(one.git('show', 'roadmap-042:out/US-042.txt')).toBe('work of US-042');
      expect(bearersOf(one)).toEqual([]);
      expect(one.git('status', '--porcelain')).toBe('?? mine.txt');
    },
  );

  test.runIf(isLong)(
    '39: a repository of its own, pipes, loops of links and many files do not hold up the look at it',
    async () => {
      const script = [
        'git init -q nested && (cd nested && echo n > n.txt && git add -A && git commit -qm nested)',
        'mkfifo pipe; ln -s . loop; ln -s loop loop/again 2>/dev/null',
        'mkdir many; for n in $(seq 3000); do : > many/$n; done',
        'head -c 20000000 /dev/zero > huge.bin',
      ].join('\n');
      const one = shopOf(2, { agent: only('US-041', script) });
      await one.run(...headless);
      const runs = await seen(one);
      expect(runs['US-041']).toMatchObject({ state: 'needs-attention' });
      expect(runs['US-041']?.reason).toMatch(/left uncommitted: .* and \d+ more/);
      expect(landedKeys(one)).toEqual(['US-042']);
    },
  );

  test.runIf(isLong)(
    '38: ignored files of an agent do not hinder its landing, and are not lost by a clean-up',
    async () => {
      const one = shopOf(1, { agent: `${committingAgent}; echo secret > .env`, files: { '.gitignore': '.env\n' } });
      expect((await one.run(...headless)).code).toBe(0);
      expect((await one.run('clean', '--yes')).stderr).toContain('never deletes files');
      expect(readFileSync(join(worktreeOf(one), '.env'), 'utf8')).toBe('secret\n');
    },
  );
});

describe('repositories of odd kinds', () => {
  test.runIf(isLong)(
    '60: hooks that fail or hang have no say in what we do; those of an agent run in the agent',
    async () => {
      const one = shopOf(1);
      for (const name of ['post-checkout', 'post-merge', 'reference-transaction', 'post-index-change', 'pre-commit']) {
        const agents = `[ -n "$CM_RUN_ID" ] && { echo "$CM_KEY" >> '${one.base}/ran-${name}'; exit 0; }`;
        one.write(`.git/hooks/${name}`, `#!/bin/sh\n${agents}\nsleep 300\nexit 1\n`);
        chmodSync(join(one.root, '.git/hooks', name), 0o755);
      }
      expect((await one.run(...headless)).code).toBe(0);
      expect(landedKeys(one)).toEqual(['US-041']);
      expect(one.read(join(one.base, 'ran-pre-commit'))).toBe('US-041\n');
    },
  );

  test.runIf(isLong)(
    '64: paths with spaces, line breaks, quotes, dashes and many bytes go through from agent to target',
    async () => {
      const names = [
        'a b.txt',
        'line\nbreak.txt',
        '-dash.txt',
        'quote".txt',
        '\u00e9.txt',
        'e\u0301.txt',
        `${'n'.repeat(240)}.txt`,
      ];
      const agent = 'for n in "$(dirname "$0")"/names/*; do cp "$n" out/; done\ngit add -A && git commit -qm names';
      const roadmap = '# Roadmap\n\n### US-041: Names\n\n**Status**: 📝 Planned\n**Files**: `out/`\n';
      const one = shopOf(1, { agent, files: { 'out/keep.txt': 'k\n', 'docs/roadmap/ROADMAP.md': roadmap } });
      for (const name of names) one.write(join(one.base, 'names', name), `${JSON.stringify(name)}\n`);
      expect((await one.run(...headless)).code).toBe(0);
      for (const name of names) expect(one.read(`out/${name}`)).toBe(`${JSON.stringify(name)}\n`);
      expect(one.git('status', '--porcelain')).toBe('');
    },
  );
});
