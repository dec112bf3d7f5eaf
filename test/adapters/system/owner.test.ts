import path from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { acquireOwnership, currentOwner, type LockOptions } from '../../../source/adapters/lock/lock.ts';
import { createMachine } from '../../../source/adapters/machine/machine.ts';
import { connectControl } from '../../../source/adapters/socket/client.ts';
import { bundleProgram, Program } from '../../helpers/programs/programs.ts';
import { onBothSystems } from '../../helpers/programs/systems.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

let options: LockOptions = { commonDir: '', stateDir: '' };
const bundles = { holder: '', server: '' };

beforeAll(async () => {
  bundles.holder = await bundleProgram('lock-holder');
  bundles.server = await bundleProgram('control-server');
});
beforeEach(() => {
  const commonDir = temporaryFolder();
  options = { commonDir, stateDir: path.join(commonDir, 'cm-tui') };
});

onBothSystems(() => {
  test('a repository has one owner: a stopped one keeps it, a killed one is succeeded at once', async () => {
    const first = new Program([process.execPath, bundles.holder, options.commonDir, options.stateDir]);
    await first.line(/^owned/);
    first.kill('SIGSTOP');
    const refused = { exitCode: 4, message: expect.stringContaining(`pid ${first.pid}, since`) };
    await expect(acquireOwnership(options)).rejects.toMatchObject(refused);
    expect(await currentOwner(options)).toMatchObject({ kind: 'owned', pid: first.pid, answers: false });
    first.kill('SIGKILL');
    await first.ended;
    expect(await currentOwner(options)).toEqual({ kind: 'none' });
    (await acquireOwnership(options)).release();
  });

  test('without a socket, its open record shows the owner', async () => {
    const more = JSON.stringify({ withoutName: true, withoutSocket: true });
    const first = new Program([process.execPath, bundles.holder, options.commonDir, options.stateDir, more]);
    await first.line(/^owned/);
    expect(await currentOwner(options)).toMatchObject({ kind: 'owned', pid: first.pid, answers: true });
    first.kill('SIGKILL');
    await first.ended;
    expect(await currentOwner(options)).toEqual({ kind: 'none' });
  });

  test('a person’s client proves which process it is, and is heard', async () => {
    const { stateDir } = options;
    const server = new Program([process.execPath, bundles.server, stateDir]);
    await server.line(/^serving/);
    const client = await connectControl(stateDir);
    try {
      expect(await client?.command({ type: 'approve-all' })).toMatchObject({ ok: true });
    } finally {
      client?.close();
    }
  });

  test('the machine is read', async () => {
    const machine = createMachine({ diskPath: options.commonDir });
    await machine.read();
    let reading = await machine.read();
    // The load is known once the kernel's counters have moved.
    while (reading.cpuPercent === null) reading = await machine.read();
    for (const value of Object.values(reading)) expect(value).toBeGreaterThanOrEqual(0);
  });
});
