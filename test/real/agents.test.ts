/**
 * The programs that people use, from the prompt to the landing, against a stand-in for the services of their models: no account, no key, no
 * network. `npm run install:agents -- FOLDER` installs them, `CM_TUI_AGENTS=FOLDER npm run test:agents` runs this.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { nodeFolder, realAgents } from '../../scripts/real-agents.mjs';
import type { AgentStatus } from '../helpers/programs/fake-agents.ts';
import type { Product } from '../helpers/programs/product.ts';
import { temporaryProduct } from '../helpers/programs/temporary-product.ts';
import { type ModelService, startModelService } from '../helpers/real/model-service.ts';

const folder = process.env.CM_TUI_AGENTS ?? '';
const all = Object.entries(realAgents).map(([name, one]) => ({ name, ...one }));
const isThere = ({ name, folder: own = name }: (typeof all)[number]): boolean =>
  folder !== '' && existsSync(join(folder, own, 'node_modules/.bin'));
if (folder === '') console.log('Skipped: real agents. Set CM_TUI_AGENTS to the folder in which they are installed.');
else
  for (const { name } of all.filter(one => !isThere(one)))
    console.log(`Skipped: ${name} is not installed in ${folder}.`);

const services: ModelService[] = [];

afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});

/** A repository with one item, and a home in which the program finds nothing but the address of the stand-in. */
async function prepare(one: (typeof all)[number], scenario: string): Promise<Product> {
  const { name, agent = name, folder: own = name, settings = {} } = one;
  const product = temporaryProduct({
    items: [{ id: 'US-041', files: ['notes/**'], extra: `Write a note into notes/a.txt. SCENARIO=${scenario}` }],
    // Some programs write no file into a folder that is not there.
    files: { 'notes/keep': '' },
    settings: { agent, agents: { [agent]: settings } },
  });
  const service = await startModelService(`${product.root}-wt041`);
  services.push(service);
  // Some programs make no sandbox in a home below the temporary folder.
  const home = join(folder, 'homes', own);
  rmSync(home, { recursive: true, force: true });
  const files = { '.gitconfig': '[user]\n\tname = Ada\n\temail = ada@example.org\n', ...one.files?.(service.address) };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  mkdirSync(join(folder, 'tmp'), { recursive: true });
  return product.with({
    ...one.env?.(service.address),
    HOME: home,
    TMPDIR: join(folder, 'tmp'),
    PATH: [join(folder, own, 'node_modules/.bin'), join(folder, nodeFolder), '/usr/bin', '/bin'].join(delimiter),
  });
}

const headless = ['start', '--headless', '--auto', '--approve', 'clean', '--exit-when-idle'];

describe('a real agent', { timeout: 300_000 }, () => {
  it.for(all)('$name lands what it was asked for', async (one, { skip }) => {
    skip(!isThere(one));
    const product = await prepare(one, 'lands');
    const run = await product.run(...headless);
    expect(run.code, `${(await product.run('status')).stdout}\n${(await product.run('logs', 'US-041')).stdout}`).toBe(
      0,
    );
    expect(product.read('notes/a.txt')).toMatch(/^note$/m);
    expect(product.git('log', '--format=%s', '-1', '--', 'notes/a.txt')).toBe('Write a note');
  });

  it.for(all)('$name ends with a question, which is seen', async (one, { skip }) => {
    skip(!isThere(one));
    const product = await prepare(one, 'question');
    await product.run(...headless);
    const { instances } = await product.json<AgentStatus>('status', '--json');
    expect(instances[0]).toMatchObject({ state: 'asks', reason: expect.stringContaining('A or B?') });
  });

  // Over ACP pi reports no error of its service.
  it.for(all.filter(({ name }) => name !== 'pi over ACP'))('$name without a login says so', async (one, { skip }) => {
    skip(!isThere(one));
    const product = await prepare(one, 'auth');
    await product.run(...headless);
    const { instances } = await product.json<AgentStatus>('status', '--json');
    expect(instances[0]).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/log(?:ged)? in|API key|401/i),
    });
  });
});
