import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import {
  createFresh,
  openRegular,
  openRegularHandle,
  readFolder,
  readRegular,
  readRegularText,
  writeFresh,
} from '../../source/adapters/regular-file.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** Something that is no regular file, made at the given path; resolves with what takes it away again, if anything has to. */
const odd: Readonly<Record<string, (file: string) => Promise<(() => void) | undefined> | undefined>> = {
  'a named pipe': file => void execFileSync('mkfifo', [file]),
  'a folder': file => void fs.mkdirSync(file),
  'a symbolic link': file => void fs.symlinkSync('/dev/zero', file),
  'a socket': async file => {
    const server = net.createServer();
    await new Promise<void>(resolve => server.listen(file, resolve));
    return () => void server.close();
  },
};

describe.each(Object.entries(odd))('%s', (kind, make) => {
  test('is refused at once and in one sentence, whoever asks', async () => {
    const file = path.join(temporaryFolder(), 'x');
    const undo = await make(file);
    const why = `is ${kind}, not a regular file: move it away`;
    const refused = expect.objectContaining({ name: 'OddFileError', exitCode: 3, why, message: `${file} ${why}.` });
    expect(() => readRegular(file)).toThrow(refused);
    expect(() => readRegularText(file)).toThrow(refused);
    expect(() => openRegular(file)).toThrow(refused);
    expect(() => openRegular(file, { update: true })).toThrow(refused);
    await expect(openRegularHandle(file)).rejects.toEqual(refused);
    await expect(openRegularHandle(file, { update: true })).rejects.toEqual(refused);
    undo?.();
  });
});

test('a device that a link leads to is refused too where links are followed', () => {
  const file = path.join(temporaryFolder(), 'zero');
  fs.symlinkSync('/dev/zero', file);
  expect(() => readRegular(file, { followLinks: true })).toThrow(`${file} is a device, not a regular file`);
});

test('a file behind a link is read where links are followed, and nowhere else', () => {
  const dir = temporaryFolder();
  writeFresh(path.join(dir, 'there'), 'text');
  fs.symlinkSync('there', path.join(dir, 'link'));
  expect(readRegularText(path.join(dir, 'link'), { followLinks: true })).toBe('text');
  expect(() => readRegularText(path.join(dir, 'link'))).toThrow('is a symbolic link');
});

test('a pipe that takes the place of a file between the look and the opening is refused as well', () => {
  const dir = temporaryFolder();
  const file = path.join(dir, 'x');
  writeFresh(file, 'text');
  const stats = fs.lstatSync(file);
  vi.spyOn(fs, 'lstatSync').mockImplementationOnce(() => {
    vi.restoreAllMocks();
    fs.rmSync(file);
    execFileSync('mkfifo', [file]);
    return stats;
  });
  expect(() => readRegular(file)).toThrow('is a named pipe');
});

test('an absurd size is refused before a byte is read', () => {
  const file = path.join(temporaryFolder(), 'huge');
  writeFresh(file, '');
  fs.truncateSync(file, 2 ** 40);
  expect(() => readRegular(file)).toThrow(`${file} is larger than 16 MiB: move it away.`);
  expect(() => readRegular(file, { most: 1024 * 1024 })).toThrow('is larger than 1 MiB');
});

test('what is not there is told apart from what leads nowhere', () => {
  const dir = temporaryFolder();
  expect(readRegular(path.join(dir, 'missing'))).toBeNull();
  writeFresh(path.join(dir, 'file'), 'x');
  expect(readRegular(path.join(dir, 'file', 'below'))).toBeNull();
  fs.symlinkSync('loop', path.join(dir, 'loop'));
  expect(() => readRegular(path.join(dir, 'loop'), { followLinks: true })).toThrow(
    'is a symbolic link, not a regular file',
  );
});

test('a new file replaces whatever had its name, and writes through none of it', () => {
  const dir = temporaryFolder();
  writeFresh(path.join(dir, 'other'), 'untouched');
  fs.symlinkSync('other', path.join(dir, 'link'));
  execFileSync('mkfifo', [path.join(dir, 'pipe')]);
  for (const name of ['link', 'pipe']) {
    writeFresh(path.join(dir, name), name);
    expect(readRegularText(path.join(dir, name))).toBe(name);
  }
  expect(readRegularText(path.join(dir, 'other'))).toBe('untouched');
  expect(fs.statSync(path.join(dir, 'pipe')).mode & 0o777).toBe(0o600);
  fs.mkdirSync(path.join(dir, 'folder'));
  expect(() => createFresh(path.join(dir, 'folder'))).toThrow('is a folder, not a file');
});

test('a folder is listed, nothing is taken for an empty one', () => {
  const dir = temporaryFolder();
  expect(readFolder(path.join(dir, 'missing'))).toBeNull();
  writeFresh(path.join(dir, 'b'), '');
  writeFresh(path.join(dir, 'a'), '');
  expect(readFolder(dir)).toEqual(['a', 'b']);
  expect(() => readFolder(path.join(dir, 'a'))).toThrow('is a file, not a folder: move it away');
  execFileSync('mkfifo', [path.join(dir, 'pipe')]);
  expect(() => readFolder(path.join(dir, 'pipe'))).toThrow('is a named pipe, not a folder');
});
