import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Product } from '../../helpers/programs/product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';

const command = fileURLToPath(new URL('../../fixtures/fake-agents/acp.mjs', import.meta.url));

interface Asking {
  readonly instances: readonly {
    readonly state: string;
    readonly reason: string | null;
    readonly waiting: readonly { readonly ask: number; readonly words: string; readonly since: string }[];
    readonly process: unknown;
    readonly pid: number | null;
    readonly sessionId: string | null;
  }[];
}

function product(switches: string, more: Readonly<Record<string, unknown>> = {}): Product {
  return temporaryProduct({
    items: [{ id: 'US-041', files: ['notes/**'], extra: `<!-- fake: ${switches} -->` }],
    files: { 'notes/keep': '' },
    settings: { agent: 'fake', agents: { fake: { command, protocol: 'acp', ...more } } },
  });
}

const only = async (one: Product) => {
  const [instance] = (await one.json<Asking>('status', '--json')).instances;
  if (instance === undefined) throw new Error('no run');
  return instance;
};

describe('an agent that speaks the Agent Client Protocol', () => {
  it('asks; the question outlives a killed coordinator, is answered, and the work lands', async () => {
    const one = product('ask,plan');
    const first = one.start('start', '--headless', '--auto', '--approve', 'clean');
    await first.event(({ type }) => type === 'permission-asked');
    first.kill('SIGKILL');
    await first.exit;
    expect(await one.json('asks', '--json')).toMatchObject({
      asks: [{ id: 'US-041', ask: 1, words: '$ npm install left-pad' }],
    });
    const second = one.start('start', '--headless', '--auto', '--approve', 'clean', '--exit-when-idle');
    await second.event(({ type }) => type === 'instance-adopted');
    expect((await only(one)).waiting).toMatchObject([{ ask: 1, words: '$ npm install left-pad' }]);
    expect(await one.run('answer', 'US-041', 'allow')).toMatchObject({
      code: 0,
      stdout: 'Allowed: $ npm install left-pad\n',
    });
    expect((await second.exit).code).toBe(0);
    expect(await only(one)).toMatchObject({ state: 'merged', waiting: [] });
    expect(one.read('notes/a.txt')).toBe('written\n');
  });

  it('gets a message while it works, which changes what lands; and nothing of it is left when its host is killed', async () => {
    const one = product('until=/nowhere,child');
    const running = one.start('start', '--headless', '--approve', 'clean', '--exit-when-idle');
    await running.event(({ type }) => type === 'session-known');
    const now = await one.run('attach', 'US-041', '--now', '--message', 'SAY=changed FILE=notes/b.txt');
    expect(now).toMatchObject({ code: 0 });
    expect((await running.exit).code).toBe(0);
    expect(one.read('notes/b.txt')).toBe('changed\n');
    expect(running.events).toContainEqual(expect.objectContaining({ type: 'message-sent', now: true }));
  });

  it('continues in its session when its host was killed, and lands', async () => {
    const one = product('ask');
    const running = one.start('start', '--headless', '--auto', '--approve', 'clean', '--exit-when-idle');
    await running.event(({ type }) => type === 'permission-asked');
    const { pid, sessionId } = await only(one);
    if (pid === null) throw new Error('it does not run');
    process.kill(-pid, 'SIGKILL');
    await running.event(({ type }) => type === 'instance-resumed');
    expect((await running.exit).code).toBe(0);
    const { instances } = await one.json<Asking>('status', '--json');
    expect(instances).toMatchObject([{ state: 'merged', sessionId }]);
    expect(one.read('notes/a.txt')).toBe('written\n');
  });

  it('is allowed always by a rule in the settings, and counts as the change of a person: the next run asks in vain, and all lands', async () => {
    const fake = '<!-- fake: ask -->';
    const one = temporaryProduct({
      items: [
        { id: 'US-041', files: ['notes/a.txt'], extra: fake },
        { id: 'US-042', files: ['notes/b.txt'], dependsOn: ['US-041'], extra: `${fake} FILE=notes/b.txt` },
      ],
      files: { 'notes/keep': '' },
      settings: { agent: 'fake', agents: { fake: { command, protocol: 'acp' } } },
    });
    const running = one.start('start', '--headless', '--approve', 'clean', '--exit-when-idle');
    await running.event(({ type }) => type === 'permission-asked');
    const { stdout, code } = await one.run('answer', 'US-041', 'allow', '--always');
    expect(code).toBe(0);
    const file = '.git/cm-tui/config.json';
    expect(stdout).toContain('Added "npm install" to agents.fake.permissions.allow in ');
    expect(stdout).toContain(file);
    expect(JSON.parse(one.read(file)).agents.fake.permissions).toEqual({ allow: ['npm install'] });
    expect((await running.exit).code).toBe(0);
    expect(running.events.filter(({ type }) => type === 'queue-paused')).toEqual([]);
    expect((await one.json<Asking>('status', '--json')).instances.map(({ state }) => state)).toEqual([
      'merged',
      'merged',
    ]);
  });

  it('is not allowed always while somebody else’s change of the settings waits to be accepted', async () => {
    const one = product('ask');
    const running = one.start('start', '--headless', '--approve', 'clean', '--exit-when-idle');
    await running.event(({ type }) => type === 'permission-asked');
    const file = '.git/cm-tui/config.json';
    const settings = JSON.parse(one.read(file));
    settings.agents.fake.permissions = { allow: ['rm'] };
    const changed = JSON.stringify(settings);
    writeFileSync(join(one.root, file), changed);
    const { code, stderr } = await one.run('answer', 'US-041', 'allow', '--always');
    expect(code).toBe(3);
    expect(stderr).toContain('was changed while US-041 ran');
    expect(one.read(file)).toBe(changed);
    expect((await one.run('answer', 'US-041', 'deny')).code).toBe(0);
    await running.exit;
  });

  it('is denied by time, and its reason names what was refused', async () => {
    const one = product('ask,no-commit', { askTimeout: 0 });
    expect((await one.run('start', '--headless', '--exit-when-idle')).code).toBe(1);
    expect(await only(one)).toMatchObject({
      state: 'no-work',
      reason: expect.stringContaining('1 command refused: $ npm install left-pad; it said: Denied 1. Nothing to do.'),
    });
  });
});
