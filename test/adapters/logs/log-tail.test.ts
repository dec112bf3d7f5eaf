import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { LogTail } from '../../../source/adapters/logs/log-tail.ts';
import { rotateLog } from '../../../source/adapters/logs/rotate.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** A log, and what a tail of it has read so far; `begins` as a look told it. */
function desk(fromOldest: boolean) {
  const log = path.join(temporaryFolder(), 'out.log');
  const tail = new LogTail(log, fromOldest);
  const read = async () => {
    const found: string[] = [];
    for (let state = await tail.look(); state !== null; state = await tail.look()) {
      if (state.begins !== null) found.push(state.begins);
      const bytes = await tail.read(Buffer.alloc(4), state.size);
      if (bytes.length === 0) break;
      tail.offset += bytes.length;
      found.push(bytes.toString());
    }
    return found.join('|');
  };
  return { log, tail, read };
}

test('what was not read when another process moved the log aside is read from there', async () => {
  const { log, tail, read } = desk(false);
  expect(await read()).toBe('');
  fs.writeFileSync(log, 'one\n');
  expect(await read()).toBe('first|one\n');
  fs.appendFileSync(log, 'two\n');
  await rotateLog(log, 1);
  fs.appendFileSync(log, 'new\n');
  expect(await read()).toBe('two\n|continued|new\n');
  fs.appendFileSync(log, 'more');
  expect(await read()).toBe('more');
  await tail.close();
});

test('an emptied log of which nothing was moved aside begins anew, whatever part of earlier lies there', async () => {
  const { log, tail, read } = desk(false);
  fs.writeFileSync(`${log}.1`, 'this was moved aside long ago\n');
  fs.writeFileSync(log, 'one\ntwo\n');
  expect(await read()).toBe('first|one\n|two\n');
  fs.writeFileSync(log, 'new\n');
  expect(await read()).toBe('anew|new\n');
  await tail.close();
});

test('from the oldest byte that is kept, through two moves in a row', async () => {
  const { log, tail, read } = desk(true);
  fs.writeFileSync(log, 'one\n');
  await rotateLog(log, 1);
  fs.appendFileSync(log, 'two\n');
  expect(await read()).toBe('one\n|continued|two\n');
  fs.appendFileSync(log, 'six\n');
  await tail.rotate(1);
  fs.appendFileSync(log, 'ten\n');
  await rotateLog(log, 1);
  expect(await read()).toBe('six\n|ten\n|continued');
  await tail.close();
});
