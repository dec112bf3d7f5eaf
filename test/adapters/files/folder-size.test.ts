import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { createDisk } from '../../../source/adapters/files/folder-size.ts';
import { createProcesses } from '../../../source/adapters/processes/processes.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const never = new AbortController().signal;
const megabyte = 1024 * 1024;

let folder = '';

beforeEach(() => {
  folder = temporaryFolder();
});

function disk() {
  const processes = createProcesses({ runsDir: join(folder, 'runs') });
  return createDisk((command, options) => processes.run(command, options));
}

test('counts everything below a folder, what is linked twice once, and follows no link out of it', async () => {
  const inside = join(folder, 'a folder; with $odd "characters"\n-k');
  mkdirSync(join(inside, 'deep'), { recursive: true });
  writeFileSync(join(folder, 'outside.bin'), randomBytes(8 * megabyte));
  writeFileSync(join(inside, 'deep', 'two.bin'), randomBytes(2 * megabyte));
  linkSync(join(inside, 'deep', 'two.bin'), join(inside, 'again.bin'));
  symlinkSync(join(folder, 'outside.bin'), join(inside, 'out.bin'));
  const bytes = (await disk().folderBytes(inside, never)) ?? 0;
  expect(bytes).toBeGreaterThanOrEqual(2 * megabyte);
  expect(bytes).toBeLessThan(3 * megabyte);
});

test('a folder that is not there has no size, and a look that is called off ends without one', async () => {
  expect(await disk().folderBytes(join(folder, 'none'), never)).toBeNull();
  expect(await disk().folderBytes(folder, AbortSignal.abort())).toBeNull();
});
