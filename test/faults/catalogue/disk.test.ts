import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtProgram, type Product } from '../../helpers/programs/product.ts';
import { bearersOf, eventually } from '../../helpers/programs/survivors.ts';
import { isLong } from '../../helpers/tiers.ts';
import { landedKeys, letGo, shopOf, waiting } from '../cases.ts';
import { headless } from '../invariants.ts';

/** Cases of the fault catalogue (docs/faults.md) that concern disks, on the built program; the number is the case's. */

const shell = (script: string) => ['sh', '-c', `${script}; exec "$@"`, 'sh'];

/** Starts the program under others, such as a shell that sets a limit, without waiting; collects what it says. */
function startUnder(one: Product, [file = '', ...before]: readonly string[], args: readonly string[]) {
  const command = [...before, process.execPath, builtProgram, ...args];
  const child = spawn(file, command, { cwd: one.root, env: one.env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  const ended = new Promise<number | null>(resolve => child.on('close', resolve));
  return { said, ended, kill: (signal: NodeJS.Signals) => child.kill(signal) };
}

describe('16: the disk of the journal is full', () => {
  test.runIf(isLong)(
    'agents go on, nothing new is started, one sentence says so, and all lands once there is space',
    async () => {
      const one = shopOf(4, { agent: waiting });
      // Blocks of 512 bytes: room for a few records only.
      const owner = startUnder(one, shell('ulimit -f 8'), headless);
      await eventually(() => owner.said.err.includes('The journal cannot be written'), 'the sentence');
      expect(owner.said.err).toContain('free some disk space');
      const working = bearersOf(one).length;
      expect(working).toBeGreaterThan(0);
      letGo(one);
      await eventually(() => bearersOf(one).length === 0, 'the end of the agents');
      owner.kill('SIGTERM');
      await owner.ended;
      const size = statSync(join(one.root, '.git/cm-tui/journal.jsonl')).size;
      expect(size).toBeLessThanOrEqual(8 * 512);
      expect(readFileSync(join(one.root, '.git/cm-tui/journal.jsonl'), 'latin1').endsWith('\n'), 'no half record').toBe(
        true,
      );
      expect(await one.run(...headless)).toMatchObject({ code: 0, stderr: '' });
      expect(landedKeys(one)).toHaveLength(4);
    },
  );

  test.runIf(isLong)('space that comes back is used without a restart', async () => {
    const one = shopOf(2).with({ CM_FAILPOINT: 'journal.append.before:enospc:4' });
    const result = await one.run(...headless);
    expect(result).toMatchObject({ code: 0 });
    expect(result.stderr).toMatch(
      /^The journal cannot be written \(ENOSPC[^\n]*\n(The journal is writable again\.\n)$/,
    );
    expect(landedKeys(one)).toHaveLength(2);
  });
});

/** Tries a program that need not be there. */
function works([file = '', ...args]: readonly string[]): boolean {
  return spawnSync(file, args, { stdio: 'ignore' }).status === 0;
}

const mounts = works(['unshare', '-m', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt']);
if (!mounts) console.log('The cases of a small file system are left out: none may be mounted here.');

describe.runIf(mounts)('17, 19: the disk of the worktrees is full', () => {
  test.runIf(isLong).each([
    ['bytes', 'size=3m', 1_400_000, 1],
    ['inodes', 'nr_inodes=40', 10, 25],
  ] as const)(
    'of %s: what does not fit fails alone and leaves nothing half-made',
    async (_what, limit, bytes, count) => {
      const files = Object.fromEntries(
        Array.from({ length: count }, (_, n) => [`data/${n}.bin`, `${n}${'x'.repeat(bytes)}`]),
      );
      const one = shopOf(3, { agent: waiting, files });
      const root = join(one.base, 'small');
      mkdirSync(root);
      one.configure({ worktreeRoot: root, minFreeDisk: 0 });
      // The mount is the program's own and goes with it and its agents.
      const mount = ['unshare', '-m', ...shell(`mount -t tmpfs -o ${limit} tmpfs '${root}'`)];
      const owner = startUnder(one, mount, ['start', '--headless', '--approve', 'clean']);
      const told = (type: string) => owner.said.out.split(`"type":"${type}"`).length - 1;
      await eventually(() => told('instance-started') + told('instance-failed') === 3, 'three answers');
      expect(told('instance-failed')).toBeGreaterThan(0);
      expect(told('instance-started')).toBeGreaterThan(0);
      expect(owner.said.out).toMatch(/"type":"instance-failed"[^\n]*(No space left|Could not create)/);
      letGo(one);
      await eventually(() => told('landed') === told('instance-started'), 'the landings');
      owner.kill('SIGTERM');
      await owner.ended;
      const branches = one.git('branch', '--list', 'roadmap-*').split('\n').filter(Boolean);
      expect(branches, 'no branch of what failed').toHaveLength(told('instance-started'));
      expect(await one.tryGit(one.root, 'fsck', '--full')).toMatchObject({ code: 0 });
      expect(one.git('status', '--porcelain')).toBe('');
    },
  );
});

describe('45: a log without end', () => {
  test.runIf(isLong)(
    'beyond 64 MiB its older part is moved aside while the agent goes on, and nothing of it is lost',
    async () => {
      const flood = 'yes "$CM_KEY is at work" | head -n 4000000';
      const one = shopOf(1, { agent: `${flood}\n${waiting}` });
      const owner = one.start(...headless);
      const folder = join(one.root, '.git/cm-tui/runs/041');
      await eventually(() => existsSync(join(folder, 'out.log.1')), 'the older part');
      letGo(one);
      expect((await owner.exit).code).toBe(0);
      const parts = ['out.log.1', 'out.log'].map(name => statSync(join(folder, name)).size);
      expect(parts[0]).toBeGreaterThanOrEqual(64 * 1024 * 1024);
      expect((parts[0] ?? 0) + (parts[1] ?? 0)).toBe(4_000_000 * 'US-041 is at work\n'.length);
      expect(statSync(join(folder, 'out.log.1')).mode & 0o777).toBe(0o600);
    },
  );
});

const asUser = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const isRoot = process.getuid?.() === 0;
const canDrop = !isRoot || works([...asUser, 'true']);
if (!canDrop)
  console.log('The case of a read-only git folder is left out: this is root and cannot become anybody else.');

describe.runIf(canDrop)('20: a git folder that may not be written', () => {
  test.runIf(isLong)('can be looked at; to work in it is refused with the reason, and nothing is changed', () => {
    const one = shopOf(1);
    const closed = join(one.base, 'closed');
    mkdirSync(closed, { mode: 0 });
    if (isRoot) execFileSync('chown', ['-R', '65534:65534', one.base]);
    // A folder of the PATH that may not be looked into is no hindrance either.
    const env = { ...one.env, PATH: `${closed}:${one.env.PATH}` };
    const run = (...args: string[]) => {
      const program = [process.execPath, builtProgram, ...args];
      const [file = '', ...rest] = isRoot ? [...asUser, ...program] : program;
      return spawnSync(file, rest, { cwd: one.root, env, encoding: 'utf8' });
    };
    chmodSync(join(one.root, '.git/cm-tui'), 0o500);
    chmodSync(join(one.root, '.git'), 0o500);
    try {
      const status = run('status', '--json');
      expect(status).toMatchObject({ status: 0, stderr: '' });
      expect(JSON.parse(status.stdout)).toMatchObject({ coordinator: null, instances: [] });
      const start = run(...headless);
      expect(start).toMatchObject({ status: 3, stdout: '' });
      expect(start.stderr).toMatch(/^[^\n]*(writable|permission)[^\n]*\n$/i);
    } finally {
      chmodSync(join(one.root, '.git'), 0o700);
      chmodSync(join(one.root, '.git/cm-tui'), 0o700);
    }
  });
});
