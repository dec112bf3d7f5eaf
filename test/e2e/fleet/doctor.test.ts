import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fleetProduct, noFleet } from '../../helpers/fleet/fleet-product.ts';

if (noFleet !== null) console.log(`Skipped here: doctor of other machines, since ${noFleet}.`);

interface Doctor {
  readonly checks: readonly { readonly name: string; readonly status: string; readonly text: string }[];
}

describe.skipIf(noFleet !== null)('doctor with other machines', () => {
  it('says on the coordinator and on the worker what is in order, and what is not with its fix', async () => {
    const one = await fleetProduct();
    const doctor = async (name: string) =>
      (await one.json<Doctor>('doctor', '--json')).checks.filter(check => check.name === name);
    const line = (checks: Doctor['checks']) => checks.map(({ status, text }) => `${status}: ${text}`).join('\n');

    expect(line(await doctor('engine'))).toMatch(/^ok: (Redis|Valkey) \d.* answers$/);
    expect(line(await doctor('depot'))).toMatch(/^ok: .*hook and limits are in force/);
    expect(line(await doctor('machines'))).toMatch(/^note: 0 machines accepted/);
    const there = await one.worker('w1', '--check').exit;
    expect(there.code).toBe(0);
    expect(there.stdout).toMatch(/worker +w1, fingerprint [0-9a-f-]{24}/);
    expect(there.stdout).toMatch(
      /trust +obeys the coordinator with the fingerprint .*has not accepted this worker yet/,
    );
    expect(there.stdout).toMatch(/script +/);

    const hook = join(one.depot, 'hooks/update');
    writeFileSync(hook, '#!/bin/sh\nexit 0\n');
    chmodSync(hook, 0o755);
    one.git('--git-dir', one.depot, 'config', 'receive.fsckObjects', 'false');
    expect(line(await doctor('depot'))).toMatch(
      /problem: Its hook does not keep[\s\S]*problem: Its limits receive.fsckObjects/,
    );
    expect((await one.run('fleet', 'init')).code).toBe(0);
    expect(line(await doctor('depot'))).toMatch(/^ok/);

    mkdirSync(join(one.depot, 'refs/cm/base'), { recursive: true });
    writeFileSync(join(one.depot, 'refs/cm/base/x'), `${'1'.repeat(40)}\n`);
    expect(line(await doctor('depot'))).toMatch(/problem: It is damaged/);
    rmSync(one.depot, { recursive: true });
    await one.engine.kill();
    expect(line(await doctor('engine'))).toMatch(/^problem: the engine of other machines does not answer\. Start it/);
    expect(line(await doctor('depot'))).toMatch(/^problem: .*is not a depot/);
    const lost = await one.worker('w1', '--check').exit;
    expect(lost.code).toBe(3);
    expect(lost.stdout).toMatch(/problem +engine[\s\S]*problem +depot +It cannot be read/);
  }, 180_000);
});
