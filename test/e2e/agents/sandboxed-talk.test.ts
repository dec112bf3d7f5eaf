import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { AgentStatus } from '../../helpers/programs/fake-agents.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';

const fakes = fileURLToPath(new URL('../../fixtures/fake-agents/', import.meta.url));
const [program = '', ...trial] = ['bwrap', '--ro-bind', '/', '/', '--unshare-pid', '--', 'true'];
const works = spawnSync(program, trial).status === 0;

it.runIf(works)('an agent over ACP works in bubblewrap, and its questions are answered from outside', async () => {
  const one = temporaryProduct({
    items: [{ id: 'US-041', files: ['notes/**'] }],
    files: { 'notes/keep': '' },
  });
  const outside = `${one.base}/owned`;
  const fake = {
    command: `${fakes}acp.mjs`,
    protocol: 'acp',
    env: { FAKE_AGENT: `ask=touch+${outside}`, FAKE_ACP_HOME: '/tmp' },
    sandbox: 'bwrap',
    sandboxOptions: { network: false, readable: [fakes] },
  };
  one.configure({ agent: 'fake', agents: { fake } });
  const running = one.start('start', '--headless', '--approve', 'clean', '--exit-when-idle');
  await running.event(({ type }) => type === 'permission-asked');
  expect(await one.run('answer', 'US-041', 'allow')).toMatchObject({ code: 0 });
  const { code } = await running.exit;
  const { instances } = await one.json<AgentStatus>('status', '--json');
  expect({ code, states: instances.map(({ state }) => state) }).toEqual({ code: 0, states: ['merged'] });
  // What it was allowed to run, it ran inside.
  expect(spawnSync('test', ['-e', outside]).status).toBe(1);
});
