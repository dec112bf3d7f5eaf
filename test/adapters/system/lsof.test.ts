import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createCallers } from '../../../source/adapters/processes/table/callers.ts';
import { parseLsof } from '../../../source/adapters/system/portable/lsof.ts';
import { hardwareId, portable } from '../../../source/adapters/system/portable/portable.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** `ps` answers, `lsof` is as good as missing. */
vi.mock('../../../source/adapters/processes/ask-program.ts', async original => {
  const real = await original<typeof import('../../../source/adapters/processes/ask-program.ts')>();
  return {
    ...real,
    askProgram: async (file: string, ...rest: [readonly string[], readonly number[]]) => {
      if (file === 'lsof') throw new Error('lsof did not answer: ENOENT');
      return real.askProgram(file, ...rest);
    },
  };
});

beforeEach(() => {
  vi.stubEnv('CM_TUI_SYSTEM', 'portable');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test('without lsof what works in a folder, and what a process has open, is unknown', async () => {
  expect(await portable.occupants(process.cwd(), true)).toBeNull();
  expect(await portable.openFiles(process.pid)).toBeNull();
});

test('without lsof nobody proves which process gives a command, and the reason says what to install', async () => {
  const callers = createCallers(() => ({ leaders: [], ids: () => [] }));
  const file = path.join(temporaryFolder(), 'proof');
  expect(await callers.holderOf(file, process.pid), 'no such file').toBeNull();
  await expect(callers.holderOf(process.execPath, process.pid)).rejects.toThrow(/lsof.*install it/);
});

test('the output of lsof as macOS prints it, and the id of its hardware', () => {
  const lines = [
    'p501',
    'cnode',
    'fcwd',
    'a ',
    'n/Users/me/my repo',
    'f3',
    'aw',
    'n/Users/me/caf\\xc3\\xa9\\\\x',
    'p502',
    'cgit',
  ];
  expect(parseLsof(lines.join('\n'))).toEqual([
    {
      pid: 501,
      name: 'node',
      files: [
        { descriptor: 'cwd', access: ' ', path: '/Users/me/my repo' },
        { descriptor: '3', access: 'w', path: '/Users/me/café\\x' },
      ],
    },
    { pid: 502, name: 'git', files: [] },
  ]);
  expect(hardwareId('    "IOPlatformUUID" = "0A1B-2C"\n    "IOPlatformSerialNumber" = "X"\n')).toBe('0A1B-2C');
  expect(hardwareId('')).toBe('');
});
