import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import {
  claim,
  forgetOthers,
  isOwnerFile,
  type OwnerRecord,
  ownerFile,
  readOwner,
} from '../../../source/adapters/lock/owner-file.ts';
import { attend } from '../../../source/adapters/lock/presence.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

let dir: string;
beforeEach(() => {
  dir = temporaryFolder();
});

const owner = (nonce: string): OwnerRecord => ({
  pid: 1,
  startTime: '1',
  since: 1,
  bootId: 'b',
  host: 'h',
  machine: 'm',
  processNamespace: 'p',
  socket: `owner.${nonce}.sock`,
  nonce,
});
const stands = (number: number, nonce: string) =>
  expect(readOwner(dir)).toEqual({ kind: 'owner', number, owner: owner(nonce) });

test('of two that saw no owner the second is too late', () => {
  expect(claim(dir, owner('a'), 0)).toBe(true);
  expect(claim(dir, owner('b'), 0)).toBe(false);
  stands(1, 'a');
  expect(fs.readdirSync(dir)).toEqual(['owner-1.json']);
});

test('of two that judged the same owner to be gone the second does not rob the first', () => {
  claim(dir, owner('0'), 0);
  expect(claim(dir, owner('a'), 1)).toBe(true);
  expect(claim(dir, owner('b'), 1)).toBe(false);
  stands(2, 'a');
});

test('one that was slow does not follow an owner whom others have followed since, though its record is gone', () => {
  claim(dir, owner('0'), 0);
  claim(dir, owner('a'), 1);
  claim(dir, owner('b'), 2);
  forgetOthers(dir, 3, owner('b'));
  expect(fs.readdirSync(dir)).toEqual(['owner-3.json']);
  expect(claim(dir, owner('c'), 1)).toBe(false);
  stands(3, 'b');
  expect(fs.readdirSync(dir)).toEqual(['owner-3.json']);
});

test('what claims have left is forgotten, and nothing else', () => {
  claim(dir, owner('a'), 0);
  const kept = ['journal.jsonl', 'owner.json', 'owner-x.json', 'owner.a.sock'];
  for (const name of [...kept, 'owner.b.sock', 'owner.c.new']) fs.writeFileSync(path.join(dir, name), '');
  forgetOthers(dir, 1, owner('a'));
  expect(fs.readdirSync(dir).sort()).toEqual([...kept, 'owner-1.json'].sort());
});

test.each([
  ['nothing', () => fs.writeFileSync(ownerFile(dir, 7), '')],
  ['half a record', () => fs.writeFileSync(ownerFile(dir, 7), '{"pid":')],
  ['a link', () => fs.symlinkSync('/etc/passwd', ownerFile(dir, 7))],
  ['a folder', () => fs.mkdirSync(ownerFile(dir, 7))],
  ['a pipe that nobody writes', () => execFileSync('mkfifo', [ownerFile(dir, 7)])],
  [
    'a record with a socket elsewhere',
    () => fs.writeFileSync(ownerFile(dir, 7), JSON.stringify({ ...owner('a'), socket: '../x' })),
  ],
])('%s is no record, and can be followed', (_what, make) => {
  make();
  expect(readOwner(dir)).toEqual({ kind: 'unreadable', number: 7 });
  expect(claim(dir, owner('b'), 7)).toBe(true);
  stands(8, 'b');
});

test('a number that no owner reaches does not end the row', () => {
  fs.writeFileSync(ownerFile(dir, 999_999_999), JSON.stringify(owner('a')));
  fs.writeFileSync(ownerFile(dir, 99_999_999_999), JSON.stringify(owner('a')));
  expect(claim(dir, owner('b'), readOwner(dir).number)).toBe(false);
  expect(claim(dir, owner('b'), readOwner(dir).number)).toBe(true);
  stands(1, 'b');
});

test('records are told among open files by their place', () => {
  expect(isOwnerFile(dir, ownerFile(dir, 3))).toBe(true);
  expect(isOwnerFile(dir, `${ownerFile(dir, 3)} (deleted)`)).toBe(true);
  for (const other of [
    '/elsewhere/owner-3.json',
    path.join(dir, 'runs/owner-3.json'),
    path.join(dir, 'journal.jsonl'),
  ]) {
    expect(isOwnerFile(dir, other)).toBe(false);
  }
});

test('a socket that a faster owner removes at once is none, and breaks nothing', async () => {
  const listening = attend(dir, 'owner.a.sock', { pid: 1, since: 1 });
  fs.rmSync(path.join(dir, 'owner.a.sock'));
  expect(await listening).toBeNull();
});
