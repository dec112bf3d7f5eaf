import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { armFailpoints, type FailpointName, failpointNames } from '../../../source/adapters/failpoint.ts';
import { journalIn, notice, peek, textsOf, writeNotices } from '../../helpers/core/journals.ts';
import { bundleProgram, Program, type ProgramOptions } from '../../helpers/programs/programs.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

let writer = '';
beforeAll(async () => {
  writer = await bundleProgram('journal-writer');
});
afterEach(() => armFailpoints(null));

const numbersOf = (lines: readonly string[]): string[] =>
  lines.filter(line => line.startsWith('ack ')).map(line => `n${line.slice(4)}`);
const start = (args: readonly (string | number)[], options?: ProgramOptions): Program =>
  new Program([process.execPath, writer, ...args.map(String)], options);

type Kind = 'torn' | 'damaged' | 'sync' | 'compaction' | 'first';

describe('killed at a boundary', () => {
  /** What has to be on disk for the boundary to be reached at all. */
  const prepared: Partial<Record<FailpointName, Kind>> = {
    'journal.aside.written': 'torn',
    'journal.append.truncate': 'sync',
    'journal.recover.moved': 'damaged',
  };

  const points = failpointNames.filter(name => name.startsWith('journal.'));
  /** A journal takes the journal's place for several reasons, and may die of each. */
  const replacing = ['journal.replace.written', 'journal.replace.renamed'] as const;
  const cases = [
    ...points.map(name => [name, prepared[name] ?? 'compaction'] as const),
    ...replacing.flatMap(name => (['first', 'torn', 'damaged', 'sync'] as const).map(kind => [name, kind] as const)),
  ];

  test.each(cases)('%s (%s)', async (name, kind) => {
    const dir = temporaryFolder();
    const before = name === 'journal.create' || kind === 'first' ? 0 : 7;
    if (before > 0) expect(numbersOf((await finished(start([dir, 1, before, 3]))).lines)).toHaveLength(before);
    const file = path.join(dir, 'journal.jsonl');
    if (kind === 'torn') fs.appendFileSync(file, '{"v":1,');
    if (kind === 'damaged') fs.writeFileSync(file, '{"v":1,}\n');
    const fault = kind === 'sync' ? ',journal.append.sync:throw:1' : '';
    const child = start([dir, before + 1, 9, 3], { env: { CM_FAILPOINT: `${name}:kill:1${fault}` } });
    expect(await child.ended).toEqual({ code: null, signal: 'SIGKILL' });

    const load = await peek(dir);
    const acknowledged = numbersOf(child.lines);
    const known = Array.from({ length: before }, (_, index) => `n${index + 1}`);
    if (kind === 'damaged') {
      if (load.outcome === 'damaged') return;
      expect(textsOf(load)).toEqual(['recovered']);
      return;
    }
    expect(load.outcome).toBe('ok');
    const found = textsOf(load);
    const certain = [...known, ...acknowledged];
    expect(found.slice(0, certain.length)).toEqual(certain);
    // The record that was under way may be there or not, and nothing else.
    expect(found.length - certain.length).toBeLessThanOrEqual(1);

    const next = await finished(start([dir, 50, 4, 3]));
    expect(numbersOf(next.lines)).toEqual(['n50', 'n51', 'n52', 'n53']);
    expect(textsOf(await peek(dir))).toEqual([...found, 'n50', 'n51', 'n52', 'n53']);
  });
});

describe('a record that cannot be written', () => {
  test.each([
    ['the disk is full before', 'journal.append.before:enospc:1'],
    ['the disk is full half-way', 'journal.append.half:enospc:1'],
    ['it fails after the write', 'journal.append.written:throw:1'],
    ['the sync fails', 'journal.append.sync:throw:1'],
    ['it fails after the sync', 'journal.append.synced:throw:1'],
    ['it cannot even be cut off', 'journal.append.half:enospc:1,journal.append.truncate:throw:1'],
    ['the sync fails and it cannot be cut off', 'journal.append.sync:throw:1,journal.append.truncate:throw:1'],
    ['opening anew fails too', 'journal.append.sync:throw:1,journal.open:throw:1'],
  ])('%s: it is refused whole, and the next one is accepted', async (_what, faults) => {
    const dir = temporaryFolder();
    const troubles: (string | null)[] = [];
    const journal = journalIn(dir, { onTrouble: trouble => troubles.push(trouble?.name ?? null) });
    await journal.load();
    journal.append(notice(1), true);
    journal.append(notice(2), false);
    armFailpoints(faults);
    const expected = expect.objectContaining({ name: 'JournalWriteError', readOnly: true, exitCode: 3 });
    let refusals = 0;
    for (; refusals < 3; refusals++) {
      try {
        journal.append(notice(3), true);
        break;
      } catch (error) {
        expect(error).toEqual(expected);
        expect(journal.trouble()).toBe(error);
      }
    }
    expect(refusals).toBe(faults.includes('journal.open') ? 2 : 1);
    // However often it was tried, one trouble is one sentence.
    expect(troubles).toEqual(['JournalWriteError', null]);
    expect(journal.trouble()).toBeNull();
    journal.append(notice(4), true);
    journal.close();
    expect(textsOf(await peek(dir))).toEqual(['n1', 'n2', 'n3', 'n4']);
  });

  test('after a failed sync the records stand in a new file, since the old one is no longer to be trusted', async () => {
    const dir = temporaryFolder();
    const file = path.join(dir, 'journal.jsonl');
    const journal = journalIn(dir);
    await journal.load();
    journal.append(notice(1), true);
    const before = fs.statSync(file).ino;
    armFailpoints('journal.append.sync:throw:1');
    expect(() => journal.append(notice(2), true)).toThrow(/check the disk/);
    journal.append(notice(2), true);
    journal.close();
    expect(fs.statSync(file).ino).not.toBe(before);
  });

  test('a full disk says what to mend', async () => {
    const dir = temporaryFolder();
    const journal = journalIn(dir);
    await journal.load();
    armFailpoints('journal.append.before:enospc');
    expect(() => journal.append(notice(1), true)).toThrow(/ENOSPC.*free some disk space/);
    journal.close();
  });

  test('without space to compact it the journal grows on', async () => {
    const dir = temporaryFolder();
    const state: string[] = [];
    const journal = journalIn(dir, { snapshotState: () => state });
    await journal.load();
    journal.append(notice(1), true);
    armFailpoints('journal.replace.written:enospc:1');
    expect(journal.compact()).toBe(false);
    expect(fs.readdirSync(dir).sort()).toEqual(['journal.end', 'journal.jsonl', 'journal.mark']);
    journal.append(notice(2), true);
    state.push('n1', 'n2');
    expect(journal.compact()).toBe(true);
    journal.close();
    expect(textsOf(await peek(dir))).toEqual(['n1', 'n2']);
  });

  test.each(['journal.replace.before', 'journal.replace.written', 'journal.replace.renamed', 'journal.replace.done'])(
    'compacting that fails at %s is not noticed by the records that follow',
    async name => {
      const dir = temporaryFolder();
      const journal = journalIn(dir, { snapshotState: () => ['n1', 'n2'] });
      await journal.load();
      journal.append(notice(1), true);
      journal.append(notice(2), false);
      armFailpoints(`${name}:throw:1`);
      const isReplaced = name.endsWith('renamed') || name.endsWith('done');
      if (isReplaced) expect(() => journal.compact()).toThrow(expect.objectContaining({ name: 'JournalWriteError' }));
      else expect(journal.compact()).toBe(false);
      journal.append(notice(3), true);
      journal.close();
      const load = await peek(dir);
      expect(textsOf(load)).toEqual(['n1', 'n2', 'n3']);
      expect(load.snapshot === null).toBe(!isReplaced);
    },
  );

  test('a torn end that cannot be set aside is not cut off, and is dealt with by the next append', async () => {
    const dir = temporaryFolder();
    await writeNotices(dir, 2);
    fs.appendFileSync(path.join(dir, 'journal.jsonl'), '{"v":1,"se');
    armFailpoints('journal.aside.written:enospc:1');
    const journal = journalIn(dir);
    expect(textsOf(await journal.load())).toEqual(['n1', 'n2']);
    expect(journal.trouble()).toMatchObject({ name: 'JournalWriteError' });
    expect(fs.readFileSync(path.join(dir, 'journal.jsonl'), 'utf8')).toMatch(/"se$/);
    journal.append(notice(3), true);
    journal.close();
    expect(textsOf(await peek(dir))).toEqual(['n1', 'n2', 'n3']);
  });

  test('a real limit on the file size: what was acknowledged is there, the program lives and says it cannot write', async () => {
    const dir = temporaryFolder();
    const child = await finished(
      new Program(['sh', '-c', 'ulimit -f 8; exec "$@"', 'sh', process.execPath, writer, dir, '1', '80', '500']),
    );
    const acknowledged = numbersOf(child.lines);
    expect(child.lines).toContain('refused JournalWriteError');
    expect(acknowledged.length).toBeGreaterThan(5);
    const load = await peek(dir);
    expect(load).toMatchObject({ outcome: 'ok', tornTail: false });
    expect(textsOf(load)).toEqual(acknowledged);
  });
});

test('a state folder that may not be written is readable, with a reason and no crash', async () => {
  const dir = temporaryFolder();
  await writeNotices(dir, 3);
  // Permissions do not bind the superuser: then the program runs as nobody.
  const nobody = process.getuid?.() === 0 ? { uid: 65534 } : {};
  fs.chmodSync(dir, 0o555);
  for (const name of ['journal.end', 'journal.jsonl', 'journal.mark']) fs.chmodSync(path.join(dir, name), 0o444);
  const child = await finished(start([dir, 4, 1], nobody));
  expect(child.lines).toEqual(['loaded ["n1","n2","n3"]', 'refused JournalWriteError', 'closed']);
  fs.chmodSync(dir, 0o755);
  expect(textsOf(await peek(dir))).toEqual(['n1', 'n2', 'n3']);
});

test('records that need not be durable at once are on disk soon, and at the latest when it is closed', async () => {
  const dir = temporaryFolder();
  const child = await finished(start([dir, 1, 20, 500, 'batched']));
  expect(textsOf(await peek(dir))).toEqual(numbersOf(child.lines));
});

test('a reader beside a writer that compacts all the time always sees a whole journal', async () => {
  const dir = temporaryFolder();
  const child = start([dir, 1, 400, 2, 'batched']);
  await child.line(/^ack 1$/);
  let loads = 0;
  for (let seen = 0; !child.lines.includes('closed'); loads++) {
    const load = await peek(dir);
    expect(load.outcome).toBe('ok');
    const count = textsOf(load).length;
    expect(count).toBeGreaterThanOrEqual(seen);
    seen = count;
    await new Promise(resolve => setImmediate(resolve));
  }
  await finished(child);
  expect(loads).toBeGreaterThan(2);
  expect(textsOf(await peek(dir))).toHaveLength(400);
});

async function finished(program: Program): Promise<Program> {
  expect(await program.ended, program.stderr).toEqual({ code: 0, signal: null });
  return program;
}
