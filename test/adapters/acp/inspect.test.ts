import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { inspectAgent } from '../../../source/adapters/acp/inspect.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const fake = fileURLToPath(new URL('../../fixtures/fake-agents/acp.mjs', import.meta.url));

function inspect(switches: string, limitMs = 20_000, command: readonly string[] = [process.execPath, fake]) {
  const cwd = temporaryFolder();
  return inspectAgent(command, { cwd, env: { ...process.env, FAKE_AGENT: switches, FAKE_ACP_HOME: cwd }, limitMs });
}

test('a program says its version, its ways to log in and its modes', async () => {
  expect(await inspect('modes=careful+fast')).toEqual({
    name: 'Fake agent 1.2.3',
    authMethods: ['key'],
    modes: ['careful', 'fast'],
    problem: null,
  });
});

test('without a login the modes are unknown, and the reason is given', async () => {
  expect(await inspect('auth')).toMatchObject({ modes: null, problem: 'Authentication required' });
});

test.each([
  ['another version of the protocol', 'version=7', 'it speaks version 7 of the protocol, not 1'],
  ['no answer', 'hang=initialize', 'it did not answer initialize within 0.3 seconds'],
])('%s is a problem, and the program is ended', async (_, switches, message) => {
  await expect(inspect(switches, switches.startsWith('hang') ? 300 : 20_000)).rejects.toThrow(message);
});

test('a program that ends, and one that is not there', async () => {
  await expect(inspect('', 20_000, [process.execPath, '-e', 'process.exit(4)'])).rejects.toThrow('exit code 4');
  await expect(inspect('', 20_000, ['/nowhere/agent'])).rejects.toThrow('ENOENT');
  // It ends without reading what is written to it.
  await expect(inspect('', 20_000, ['true'])).rejects.toThrow('exit code 0');
});
