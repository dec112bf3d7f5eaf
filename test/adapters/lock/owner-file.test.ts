import fs from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { claim, disclaim, type OwnerRecord, ownerFile, readOwner } from '../../../source/adapters/lock/owner-file.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = temporaryFolder();
  file = ownerFile(dir);
});

const owner = (nonce: string): OwnerRecord => ({
  pid: 1,
  startTime: '1',
  since: 1,
  bootId: 'b',
  host: 'h',
  machine: 'm',
  lock: 'l',
  networkNamespace: 'n',
  processNamespace: 'p',
  nonce,
});
const stands = (nonce: string) => expect(readOwner(file)).toEqual({ kind: 'owner', owner: owner(nonce) });

test('of two that saw no owner the second is too late', () => {
  expect(claim(file, owner('a'), { kind: 'absent' })).toBe(true);
  expect(claim(file, owner('b'), { kind: 'absent' })).toBe(false);
  stands('a');
  expect(fs.readdirSync(dir)).toEqual(['owner.json']);
});

test('of two that judged the same owner to be gone the second does not rob the first', () => {
  claim(file, owner('old'), { kind: 'absent' });
  const judged = readOwner(file);
  expect(claim(file, owner('a'), judged)).toBe(true);
  expect(claim(file, owner('b'), judged)).toBe(false);
  stands('a');
  expect(fs.readdirSync(dir)).toEqual(['owner.json']);
});

test('a file that nobody can read is replaced, and one that went away meanwhile is no hindrance', () => {
  fs.writeFileSync(file, '');
  expect(claim(file, owner('a'), readOwner(file))).toBe(true);
  const judged = readOwner(file);
  fs.rmSync(file);
  expect(claim(file, owner('b'), judged)).toBe(true);
  stands('b');
});

test('only its owner takes the file away', () => {
  claim(file, owner('a'), { kind: 'absent' });
  disclaim(file, 'b');
  stands('a');
  disclaim(file, 'a');
  expect(readOwner(file)).toEqual({ kind: 'absent' });
});

test('a link is no owner file, and says nothing of whether there is an owner', () => {
  fs.symlinkSync('/etc/passwd', file);
  expect(() => readOwner(file)).toThrow('is a symbolic link, not a regular file: move it away.');
});
