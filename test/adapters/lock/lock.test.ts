import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  acquireOwnership,
  currentOwner,
  type LockOptions,
  type RepositoryLock,
} from '../../../source/adapters/lock/lock.ts';
import { type OwnerRecord, ownerFile } from '../../../source/adapters/lock/owner-file.ts';
import { processTable } from '../../../source/adapters/processes/table/process-table.ts';
import { bundleProgram, Program } from '../../helpers/programs.ts';
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
const file = (): string => ownerFile(options.stateDir);

/** The two ways in which the ownership is kept: the kernel's name table, and the owner file alone. */
describe.each([
  ['with the kernel’s names', {}],
  ['with the owner file alone', { withoutSocket: true }],
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
    expect(fs.readdirSync(options.stateDir)).toEqual([]);
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
    const record: OwnerRecord = JSON.parse(fs.readFileSync(file(), 'utf8'));
    expect(record.pid).toBe(process.pid);
    expect(fs.readdirSync(options.stateDir)).toEqual(['owner.json']);
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
    await acquire(more);
    const record: OwnerRecord = JSON.parse(fs.readFileSync(file(), 'utf8'));
    held.splice(0)[0]?.release();
    fs.writeFileSync(file(), JSON.stringify({ ...record, startTime: 'earlier' }));
    await acquire(more);
  });
});

describe('an owner file of somebody else', () => {
  async function leave(change: Partial<OwnerRecord>): Promise<void> {
    (await acquireOwnership(options)).release();
    const ownership = await acquireOwnership(options);
    const record: OwnerRecord = JSON.parse(fs.readFileSync(file(), 'utf8'));
    ownership.release();
    fs.writeFileSync(file(), JSON.stringify({ ...record, ...change }));
  }

  test('of this machine before it was started again is stale', async () => {
    await leave({ bootId: 'another boot' });
    expect(await currentOwner(options)).toEqual({ kind: 'none' });
    await acquire();
  });

  test.each([
    ['another host', { bootId: 'another boot', host: 'elsewhere\u001b[2J' }],
    ['another machine of the same name', { bootId: 'another boot', machine: 'other' }],
    ['another world of processes', { networkNamespace: 'net:[1]', processNamespace: 'pid:[1]' }],
  ])('of %s is respected until a person says that it is gone', async (_what, change) => {
    await leave(change);
    const report = await currentOwner(options);
    expect(report).toEqual({ kind: 'unknown', message: expect.stringContaining('delete the file') });
    await expect(acquire()).rejects.toEqual(refused(/owner\.json names a cm-tui on .*cannot see/));
    expect(JSON.stringify(report)).not.toContain('u001b');
    await acquire({ force: true });
    expect(await currentOwner(options)).toMatchObject({ kind: 'owned', pid: process.pid });
  });

  test('that nobody can read is respected too', async () => {
    fs.mkdirSync(options.stateDir);
    fs.writeFileSync(file(), '{"pid":');
    expect(await currentOwner(options)).toMatchObject({ kind: 'unknown' });
    await expect(acquire()).rejects.toEqual(refused(/nobody can read/));
    await acquire({ force: true });
  });

  test('force never robs an owner that is alive', async () => {
    const first = program();
    await first.line(/^owned/);
    await expect(acquire({ force: true })).rejects.toEqual(refused(/already runs here/));
  });

  test('a process table that does not answer means unknown, not gone', async () => {
    await leave({ lock: 'another name' });
    const table = {
      ...processTable(),
      read: async (pid: number) => {
        if (pid === 999_999) throw new Error('no answer');
        return processTable().read(pid);
      },
    };
    const record: OwnerRecord = JSON.parse(fs.readFileSync(file(), 'utf8'));
    fs.writeFileSync(file(), JSON.stringify({ ...record, pid: 999_999 }));
    await expect(acquire({ table })).rejects.toEqual(refused(/cannot see/));
  });
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

const worksHere = ([file = '', ...args]: readonly string[]): boolean => spawnSync(file, args).status === 0;

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
    await vi.waitFor(() => acquire());
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
  expect(execFileSync('stat', ['-c', '%a', file()], { encoding: 'utf8' }).trim()).toBe('600');
});
