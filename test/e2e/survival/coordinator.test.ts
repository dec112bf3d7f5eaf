import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { committingAgent, type Product } from '../../helpers/programs/product.ts';
import { bearersOf, eventually } from '../../helpers/programs/survivors.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

const headless = ['start', '--headless', '--approve', 'clean', '--exit-when-idle'];
const items = ['US-041', 'US-042', 'US-043'].map(id => ({ id, files: [`out/${id}.txt`] }));
/** Works until it is let go by a file beside the repository. */
const waiting = `until [ -e "$(dirname "$0")/go" ]; do sleep 0.05; done\n${committingAgent}`;
const letGo = (one: Product) => writeFileSync(join(one.base, 'go'), '');

interface Status {
  readonly coordinator: { readonly pid: number; readonly mode: string; readonly answers?: boolean } | null;
  readonly recovery?: string | null;
  readonly paused: boolean;
  readonly instances: readonly { readonly key: string; readonly state: string; readonly pid: number | null }[];
}

const merges = (one: Product) =>
  one.git('log', '--merges', '--format=%s', 'roadmap').split('\n').filter(Boolean).sort();
const landed = (keys: readonly string[]) => keys.map(key => `Merge ${key} parallel execution`);
const isStarted = (event: { readonly type: string }) => event.type === 'instance-started';

describe('two copies', () => {
  it('a stopped owner keeps the repository: the second is refused with its pid, and starts at once when it is dead', async () => {
    const one = temporaryProduct({ items: items.slice(0, 1), agent: waiting });
    const owner = one.start(...headless);
    await owner.event(isStarted);
    owner.kill('SIGSTOP');
    const second = await one.run(...headless);
    expect(second).toMatchObject({ code: 4, stdout: '' });
    expect(second.stderr).toContain(`pid ${owner.pid}`);
    expect(second.stderr).toContain('does not respond');
    const cancel = await one.run('cancel', 'US-041');
    expect(cancel).toMatchObject({ code: 4 });
    expect(cancel.stderr).toContain(`pid ${owner.pid}`);
    const status = await one.json<Status>('status', '--json');
    expect(status.coordinator).toMatchObject({ pid: owner.pid, mode: 'auto', answers: false });
    expect(status.instances).toMatchObject([{ key: 'US-041', state: 'running' }]);
    owner.kill('SIGKILL');
    await owner.exit;
    letGo(one);
    expect(await one.run(...headless)).toMatchObject({ code: 0, stderr: '' });
    expect(merges(one)).toEqual(landed(['US-041']));
  });

  it.runIf(isLong)('a stopped owner goes on where it was when it is continued', async () => {
    const one = temporaryProduct({ items: items.slice(0, 1), agent: waiting });
    const owner = one.start(...headless);
    await owner.event(isStarted);
    owner.kill('SIGSTOP');
    letGo(one);
    await eventually(() => bearersOf(one).length === 0, 'the end of the agent');
    owner.kill('SIGCONT');
    expect(await owner.exit).toMatchObject({ code: 0 });
    expect(merges(one)).toEqual(landed(['US-041']));
  });

  it.runIf(isLong)('a second one is refused while the first answers; commands reach the first', async () => {
    const one = temporaryProduct({ items, agent: waiting });
    const owner = one.start('start', '--headless');
    await owner.event(() => owner.events.filter(isStarted).length === 3);
    const second = await one.run(...headless);
    expect(second).toMatchObject({ code: 4 });
    expect(second.stderr).toMatch(new RegExp(`pid ${owner.pid}, since \\d\\d:\\d\\d`));
    expect(await one.run('pause')).toMatchObject({ code: 0, stdout: 'New spawns paused.\n' });
    await owner.event(event => event.type === 'spawns-paused');
    expect((await one.json<Status>('status', '--json')).paused).toBe(true);
    expect(await one.run('pause', 'off')).toMatchObject({ code: 0, stdout: 'New spawns resumed.\n' });
    expect((await one.run('pause', 'perhaps')).code).toBe(2);
    expect(await one.run('cancel', 'US-042')).toMatchObject({ code: 0 });
    await owner.event(event => event.type === 'cancel-requested');
    letGo(one);
    await owner.event(() => owner.events.filter(event => event.type === 'merge-predicted').length === 2);
    expect(await one.run('merge', '--all-clean')).toMatchObject({ code: 0 });
    expect(merges(one)).toEqual(landed(['US-041', 'US-043']));
    expect(await one.run('clean', '--yes')).toMatchObject({ code: 0 });
    await owner.event(event => event.type === 'instance-cleaned');
    owner.kill('SIGTERM');
    expect((await owner.exit).code).toBe(0);
  });

  it('commands wait for each other instead of failing', async () => {
    const one = temporaryProduct({ items, agent: waiting });
    const results = await Promise.all(items.map(({ id }) => one.run('spawn', '--priority', id)));
    expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual(items.map(() => ({ code: 0, stderr: '' })));
    expect((await one.json<Status>('status', '--json')).instances.map(({ state }) => state)).toEqual(
      items.map(() => 'running'),
    );
  });
});

describe('without a terminal', () => {
  it('70: there is a plain status and exit 3 instead of a screen, whatever TERM says', async () => {
    const one = temporaryProduct({ items });
    for (const TERM of ['dumb', '', 'xterm-256color']) {
      const result = await one.with({ TERM, CI: 'true' }).run();
      expect(result).toMatchObject({ code: 3, stderr: expect.stringContaining('Not a terminal') });
      expect(result.stdout).toContain('0 running');
      expect(result.stdout).not.toContain('\u001b');
    }
  });
});

describe('without any coordinator', () => {
  it('cancel ends the whole tree of an agent, daemons included', async () => {
    const one = temporaryProduct({ items: items.slice(0, 1), agent: `setsid sleep 300 & ${waiting}` });
    const owner = one.start(...headless);
    await owner.event(isStarted);
    await eventually(() => bearersOf(one).some(({ command }) => command === 'sleep 300'), 'the daemon');
    owner.kill('SIGKILL');
    await owner.exit;
    expect(bearersOf(one).length).toBeGreaterThan(2);
    expect(await one.run('cancel', 'US-041')).toMatchObject({ code: 0 });
    expect(bearersOf(one)).toEqual([]);
    expect((await one.json<Status>('status', '--json')).instances).toMatchObject([{ state: 'cancelled' }]);
  });
});

describe('a journal that was cut or spoilt', () => {
  async function atWork(): Promise<{ readonly one: Product; readonly file: string; readonly whole: Buffer }> {
    const one = temporaryProduct({ items, agent: waiting });
    const owner = one.start(...headless);
    await owner.event(() => owner.events.filter(isStarted).length === 3);
    owner.kill('SIGKILL');
    await owner.exit;
    const file = join(one.root, '.git/cm-tui/journal.jsonl');
    return { one, file, whole: readFileSync(file) };
  }

  const flipped = (whole: Buffer, at: number) => {
    const copy = Buffer.from(whole);
    copy[at] = (copy[at] ?? 0) ^ 4;
    return copy;
  };

  test.runIf(isLong)('never makes the runs unknown: cut short by some bytes, or with one bit flipped', async () => {
    const { one, file, whole } = await atWork();
    const damages = [
      whole.subarray(0, -1),
      whole.subarray(0, -3),
      whole.subarray(0, -17),
      flipped(whole, whole.length >> 1),
      flipped(whole, 40),
      flipped(whole, whole.length - 30),
    ];
    for (const [n, bytes] of damages.entries()) {
      writeFileSync(file, bytes);
      const { stdout, stderr } = await one.run('status', '--json');
      const status = JSON.parse(stdout) as Status;
      expect(status.instances.map(({ key }) => key).sort(), `damage ${n}`).toEqual(items.map(({ id }) => id));
      expect(
        status.instances.map(({ state }) => state),
        `damage ${n}`,
      ).toEqual(items.map(() => 'running'));
      if (status.recovery !== null) expect(stderr, `damage ${n}`).toContain('doctor --recover');
      expect(readFileSync(file).equals(bytes), `damage ${n}: a look changes nothing`).toBe(true);
    }
  });

  test('is rebuilt when the user agrees, and everything goes on and lands once', async () => {
    const { one, file, whole } = await atWork();
    writeFileSync(file, flipped(whole, whole.length >> 1));
    const refused = await one.run(...headless);
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(refused.stderr).toContain('cm-tui doctor --recover');
    expect((await one.run('doctor')).stdout).toContain('journal');
    expect(await one.run('doctor', '--recover'), 'nobody can be asked here').toMatchObject({ code: 2 });
    const recovered = await one.run('doctor', '--recover', '--yes');
    expect(recovered).toMatchObject({ code: 0, stderr: '' });
    expect(recovered.stdout).toContain('Rebuilt the journal');
    for (const { id } of items) expect(recovered.stdout).toContain(id);
    letGo(one);
    expect(await one.run(...headless)).toMatchObject({ code: 0, stderr: '' });
    expect(merges(one)).toEqual(landed(items.map(({ id }) => id)));
    expect(await one.run('doctor', '--recover', '--yes')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('intact'),
    });
  });

  test.runIf(isLong)('even a journal that is gone is rebuilt from what stands around it', async () => {
    const { one, file, whole } = await atWork();
    // Nothing but noise: not one record can be read.
    writeFileSync(file, Buffer.alloc(whole.length, 'x\n'));
    const { instances, recovery } = await one.json<Status>('status', '--json');
    expect(recovery).toContain('damaged');
    expect(instances.map(({ key, state }) => [key, state]).sort()).toEqual(items.map(({ id }) => [id, 'running']));
    expect(await one.run('doctor', '--recover', '--yes')).toMatchObject({ code: 0 });
    letGo(one);
    expect(await one.run(...headless)).toMatchObject({ code: 0 });
    expect(merges(one)).toEqual(landed(items.map(({ id }) => id)));
  });
});
