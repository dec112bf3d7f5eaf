import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  acquireOwnership,
  currentOwner,
  type LockOptions,
  lockName,
  type RepositoryLock,
} from '../../../source/adapters/lock/lock.ts';
import { type OwnerRecord, ownerFile, readOwner } from '../../../source/adapters/lock/owner-file.ts';
import { system } from '../../../source/adapters/system/system.ts';
import { bundleProgram, Program } from '../../helpers/programs/programs.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

let holder = '';
let options: LockOptions = { commonDir: '', stateDir: '' };
const held: RepositoryLock[] = [];

beforeAll(async () => {
  holder = await bundleProgram('lock-holder');
});
beforeEach(() => {
  const commonDir = temporaryFolder();
  options = { commonDir, stateDir: path.join(commonDir, 'cm-tui') };
});
afterEach(() => {
  for (const ownership of held.splice(0)) ownership.release();
});

async function acquire(more: Partial<LockOptions> = {}): Promise<RepositoryLock> {
  const ownership = await acquireOwnership({ ...options, ...more });
  held.push(ownership);
  return ownership;
}
const program = (more: Partial<LockOptions> = {}, before: readonly string[] = []): Program =>
  new Program([...before, process.execPath, holder, options.commonDir, options.stateDir, JSON.stringify(more)]);
const refused = (pattern: RegExp) => expect.objectContaining({ exitCode: 4, message: expect.stringMatching(pattern) });
const record = (): OwnerRecord => {
  const reading = readOwner(options.stateDir);
  if (reading.kind !== 'owner') throw new Error(`the record is ${reading.kind}`);
  return reading.owner;
};
/** Puts a record of somebody's making behind all others. */
function forge(change: Partial<OwnerRecord>, from: OwnerRecord): string {
  const file = ownerFile(options.stateDir, readOwner(options.stateDir).number + 1);
  fs.writeFileSync(file, JSON.stringify({ ...from, ...change }));
  return file;
}
/** What an owner that has ended properly leaves. */
async function endedOwner(): Promise<OwnerRecord> {
  const lock = await acquireOwnership(options);
  const left = record();
  lock.release();
  return left;
}

const worksHere = ([file = '', ...args]: readonly string[]): boolean => spawnSync(file, args).status === 0;

/** With everything a system may offer, and with less of it. */
describe.each([
  ['with the kernel’s names', {}],
  ['with a socket in the state folder', { withoutName: true }],
  ['with the process table alone', { withoutName: true, withoutSocket: true }],
])('%s', (_how, more) => {
  test('the first owns, the second is refused with its pid and start; after the release it may', async () => {
    const first = program(more);
    const since = Number((await first.line(/^owned/)).slice(6));
    const clock = new Date(since).toTimeString().slice(0, 5);
    await expect(acquire(more)).rejects.toEqual(
      refused(new RegExp(`already runs here \\(pid ${first.pid}, since .*${clock}\\)`)),
    );
    expect(await currentOwner({ ...options, ...more })).toEqual({
      kind: 'owned',
      pid: first.pid,
      since,
      answers: true,
    });
    first.write('release');
    await first.line(/released/);
    expect(await currentOwner({ ...options, ...more })).toEqual({ kind: 'none' });
    expect(fs.readdirSync(options.stateDir)).toEqual(['owner-1.json']);
    await acquire(more);
    first.write('take');
    expect(await first.line(/^refused/)).toContain(`refused 4 cm-tui already runs here (pid ${process.pid},`);
  });

  test('a stopped owner still owns; a killed one is succeeded at once', async () => {
    const first = program(more);
    await first.line(/^owned/);
    first.kill('SIGSTOP');
    await expect(acquire(more)).rejects.toEqual(refused(new RegExp(`pid ${first.pid}, since`)));
    expect(await currentOwner({ ...options, ...more })).toMatchObject({ kind: 'owned', pid: first.pid });
    first.kill('SIGKILL');
    await first.ended;
    expect(await currentOwner({ ...options, ...more })).toEqual({ kind: 'none' });
    await acquire(more);
    expect(record().pid).toBe(process.pid);
    const names = fs.readdirSync(options.stateDir).filter(name => !name.endsWith('.sock'));
    expect(names.toSorted()).toEqual(['owner-2.json', 'owner.json']);
  });

  test.each(['lock.bound', 'lock.written'])('killed at %s, it leaves nothing that stops the next', async point => {
    const { commonDir, stateDir } = options;
    const first = new Program([process.execPath, holder, commonDir, stateDir, JSON.stringify(more)], {
      env: { CM_FAILPOINT: `${point}:kill` },
    });
    expect(await first.ended).toMatchObject({ signal: 'SIGKILL' });
    await acquire(more);
  });

  test('of many that start at once exactly one owns', async () => {
    const many = Array.from({ length: 6 }, () => program(more));
    const said = await Promise.all(many.map(each => each.line(/^(owned|refused|broken)/)));
    expect(said.filter(line => line.startsWith('owned'))).toHaveLength(1);
    expect(said.filter(line => line.startsWith('refused 4'))).toHaveLength(5);
  });

  test('a pid that was given to another process does not own', async () => {
    forge({ startTime: 'earlier' }, await endedOwner());
    expect(await currentOwner({ ...options, ...more })).toEqual({ kind: 'none' });
    await acquire(more);
  });

  test('a record that names a living process of something else locks nobody out', async () => {
    const left = await endedOwner();
    const entry = await system().table.read(process.ppid);
    for (const socket of [left.socket, null]) {
      forge({ pid: process.ppid, startTime: entry?.startTime ?? '', socket }, left);
      expect(await currentOwner({ ...options, ...more })).toEqual({ kind: 'none' });
      (await acquire(more)).release();
    }
  });
});

describe('a record of somebody else', () => {
  test('of this machine before it was started again is stale', async () => {
    forge({ bootId: 'another boot' }, await endedOwner());
    expect(await currentOwner(options)).toEqual({ kind: 'none' });
    await acquire();
  });

  const elsewhere: readonly (readonly [string, Partial<OwnerRecord>])[] = [
    ['another host', { bootId: 'another boot', host: 'elsewhere\u001b[2J' }],
    ['another machine of the same name', { bootId: 'another boot', machine: 'other' }],
  ];
  test.each(elsewhere)('of %s is stale on a disk that only this machine reaches', async (_what, change) => {
    forge(change, await endedOwner());
    expect(await currentOwner(options)).toEqual({ kind: 'none' });
    await acquire();
  });

  test.each(elsewhere)(
    'of %s is respected on a disk that others reach too, until a person removes it',
    async (_what, change) => {
      const file = forge(change, await endedOwner());
      const shared = { ...fs.statfsSync(options.stateDir), type: 0x6969 };
      const statfs = vi.spyOn(fs, 'statfsSync').mockReturnValue(shared as ReturnType<typeof fs.statfsSync>);
      try {
        const report = await currentOwner(options);
        expect(report).toEqual({ kind: 'unknown', message: expect.stringContaining('delete the file') });
        await expect(acquire()).rejects.toEqual(refused(/owner-2\.json names a cm-tui on .*cannot see/));
        expect(JSON.stringify(report)).not.toContain('u001b');
        fs.rmSync(file);
        await acquire();
      } finally {
        statfs.mockRestore();
      }
    },
  );

  test('of another world of processes is stale once its socket is closed, and respected where it never had one', async () => {
    const left = await endedOwner();
    forge({ processNamespace: 'pid:[1]' }, left);
    (await acquire()).release();
    forge({ processNamespace: 'pid:[1]', socket: null }, left);
    await expect(acquire()).rejects.toEqual(refused(/cannot see whether it still runs/));
  });

  test('that nobody can read locks nobody out, unless somebody listens', async () => {
    fs.mkdirSync(options.stateDir);
    fs.writeFileSync(ownerFile(options.stateDir, 3), '{"pid":');
    expect(await currentOwner(options)).toEqual({ kind: 'none' });
    (await acquire()).release();
    const first = program();
    await first.line(/^owned/);
    fs.writeFileSync(ownerFile(options.stateDir, readOwner(options.stateDir).number), '{"pid":');
    await expect(acquire()).rejects.toEqual(refused(/cannot be read/));
    await expect(acquire({ withoutName: true })).rejects.toEqual(refused(/cannot be read/));
  });

  test('a process table that does not answer means unknown, not gone', async () => {
    forge({ pid: 999_999, socket: null }, await endedOwner());
    const table = {
      ...system().table,
      read: async (pid: number) => {
        if (pid === 999_999) throw new Error('no answer');
        return system().table.read(pid);
      },
    };
    await expect(acquire({ table })).rejects.toEqual(refused(/cannot see/));
  });
});

describe('an owner whose files are taken from under it', () => {
  test.each([
    ['its record', (name: string) => name.endsWith('.json')],
    ['its socket', (name: string) => name.endsWith('.sock')],
    ['all of them', () => true],
  ])('%s still owns', async (_what, which) => {
    const first = program();
    await first.line(/^owned/);
    for (const name of fs.readdirSync(options.stateDir).filter(which)) fs.rmSync(path.join(options.stateDir, name));
    await expect(acquire()).rejects.toEqual(refused(new RegExp(`already runs here \\(pid ${first.pid}`)));
    first.kill('SIGSTOP');
    await expect(acquire()).rejects.toEqual(refused(new RegExp(`already runs here \\(pid ${first.pid}`)));
    first.kill('SIGKILL');
    await first.ended;
    await acquire();
  });
});

describe('the name in the kernel’s table', () => {
  const squatter = `require('net').createServer(s => { s.on('error', () => {}); s.end(process.env.SAYS + '\\n'); }).listen({ path: '\\0' + process.env.NAME }, () => console.log('squatting'))`;
  const name = () => lockName(process.getuid?.() ?? 0, fs.realpathSync(options.commonDir));
  async function squat(user: { readonly uid?: number } = {}): Promise<Program> {
    const SAYS = JSON.stringify({ pid: 1, startTime: '1', since: 1 });
    const one = new Program([process.execPath, '-e', squatter], { env: { NAME: name(), SAYS }, ...user });
    await one.line(/squatting/);
    return one;
  }

  test('held by a process that is no cm-tui locks nobody out, and one owner still keeps out the next', async () => {
    const other = await squat();
    expect(await currentOwner(options)).toEqual({ kind: 'none' });
    const first = program();
    await first.line(/^owned/);
    await expect(acquire()).rejects.toEqual(refused(new RegExp(`already runs here \\(pid ${first.pid}`)));
    // Free again, the name is not taken for a free repository.
    other.kill('SIGKILL');
    await other.ended;
    await expect(acquire()).rejects.toEqual(refused(new RegExp(`already runs here \\(pid ${first.pid}`)));
    first.kill('SIGKILL');
    await first.ended;
    await acquire();
  });

  test('held while many start at once: exactly one of them owns', async () => {
    await squat();
    const many = Array.from({ length: 6 }, () => program());
    const said = await Promise.all(many.map(each => each.line(/^(owned|refused|broken)/)));
    expect(said.filter(line => line.startsWith('owned'))).toHaveLength(1);
    expect(said.filter(line => line.startsWith('refused 4'))).toHaveLength(5);
  });

  const others = process.getuid?.() === 0;
  if (!others) console.log('no process of another user can be started here: its test is left out');
  test.runIf(others)('held by another user locks nobody out', async () => {
    await squat({ uid: 65534 });
    await acquire();
    const second = program();
    expect(await second.line(/^(owned|refused)/)).toContain(`pid ${process.pid}`);
  });
});

test('owner.json shows who owns it, whatever stood there, and nothing is decided by it', async () => {
  const shown = path.join(options.stateDir, 'owner.json');
  fs.mkdirSync(options.stateDir);
  fs.writeFileSync(shown, 'odd');
  const lock = await acquire();
  expect(JSON.parse(fs.readFileSync(shown, 'utf8'))).toMatchObject({ pid: process.pid });
  fs.rmSync(shown);
  fs.mkdirSync(shown);
  await expect(acquireOwnership(options)).rejects.toEqual(refused(/already/));
  lock.release();
  const next = await acquire();
  expect(next.pid).toBe(process.pid);
});

test('through another path of the same folder it is the same repository', async () => {
  await acquire();
  const link = path.join(temporaryFolder(), 'link');
  fs.symlinkSync(options.commonDir, link);
  await expect(acquireOwnership({ commonDir: link, stateDir: options.stateDir })).rejects.toEqual(
    refused(/already runs/),
  );
});

test('two repositories do not disturb each other', async () => {
  await acquire();
  const other = temporaryFolder();
  held.push(await acquireOwnership({ commonDir: other, stateDir: path.join(other, 'cm-tui') }));
});

test('a folder that cannot be written is an error of the machine', async () => {
  fs.writeFileSync(options.stateDir, 'a file where the folder should be');
  await expect(acquire()).rejects.toMatchObject({ name: 'CmError', exitCode: 3 });
});

const isolated = worksHere(['unshare', '-n', 'true']);
if (!isolated) console.log('network namespaces cannot be made here: their test is left out');
test.runIf(isolated)('in another network namespace the name is free, and the owner is found all the same', async () => {
  const first = program({}, ['unshare', '-n']);
  await first.line(/^owned/);
  await expect(acquire()).rejects.toEqual(refused(new RegExp(`already runs here \\(pid ${first.pid}`)));
  expect(await currentOwner(options)).toMatchObject({ kind: 'owned', pid: first.pid });
  first.kill('SIGKILL');
  await first.ended;
  await acquire();
  const second = program({}, ['unshare', '-n']);
  expect(await second.line(/^(owned|refused)/)).toContain(`pid ${process.pid}`);
});

const nested = worksHere(['unshare', '-pf', '--kill-child', 'true']);
if (!nested) console.log('process namespaces cannot be made here: their test is left out');
test.runIf(nested)(
  'in a process namespace of its own an owner is found, stopped too, and locks nobody out once it is killed',
  async () => {
    const first = program({}, ['unshare', '-pf', '--kill-child']);
    await first.line(/^owned/);
    const inside = record();
    expect(inside.pid).toBeLessThan(10);
    await expect(acquire()).rejects.toEqual(refused(new RegExp(`pid ${inside.pid} in another container, since`)));
    await expect(acquire({ withoutName: true })).rejects.toEqual(refused(/in another container/));
    first.kill('SIGKILL');
    await first.ended;
    await vi.waitFor(() => acquire(), 20_000);
    const second = program({}, ['unshare', '-pf', '--kill-child']);
    expect(await second.line(/^(owned|refused)/)).toContain(`pid ${process.pid} in another container`);
  },
);

const remounts = worksHere(['unshare', '-m', 'true']);
if (!remounts) console.log('mount namespaces cannot be made here: their test is left out');
test.runIf(remounts)('through a second mount of the same folder it is the same repository', async () => {
  const elsewhere = temporaryFolder();
  const script = `mount --bind "$1" "$2" && exec "$3" "$4" "$2" "$2/cm-tui"`;
  const first = new Program([
    'unshare',
    '-m',
    'sh',
    '-c',
    script,
    'sh',
    options.commonDir,
    elsewhere,
    process.execPath,
    holder,
  ]);
  await first.line(/^owned/);
  await expect(acquire()).rejects.toEqual(refused(new RegExp(`already runs here \\(pid ${first.pid}`)));
  first.kill('SIGKILL');
  await first.ended;
  await acquire();
});

test('a child that outlives the owner does not hold the lock', async () => {
  const first = program();
  await first.line(/^owned/);
  first.write('child');
  const child = Number((await first.line(/^child/)).slice(6));
  try {
    first.kill('SIGKILL');
    await vi.waitFor(() => acquire(), 30_000);
    process.kill(child, 0);
  } finally {
    process.kill(child, 'SIGKILL');
  }
});

const hasNames = process.platform === 'linux';
if (!hasNames) console.log('abstract sockets are a thing of Linux: the test of their names is left out');
test.runIf(hasNames)('the name in the kernel’s table tells the user and nothing of the path', async () => {
  await acquire();
  const names = fs.readFileSync('/proc/net/unix', 'utf8').match(/@cm-tui\.\S+/g) ?? [];
  expect(names.some(name => name.startsWith(`@cm-tui.${os.userInfo().uid}.`))).toBe(true);
  expect(names.join()).not.toContain(path.basename(options.commonDir));
  const modes = fs
    .readdirSync(options.stateDir)
    .map(name => fs.statSync(path.join(options.stateDir, name)).mode & 0o777);
  expect(modes).toEqual([0o600, 0o600, 0o600]);
});
