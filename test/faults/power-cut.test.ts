import { spawnSync } from 'node:child_process';
import { existsSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FailpointName } from '../../source/adapters/failpoint.ts';
import { builtProgram } from '../helpers/programs/product.ts';
import { readTrace, straceArguments, unsyncedFiles } from '../helpers/programs/traced-calls.ts';
import { isLong } from '../helpers/tiers.ts';
import { assertInvariants, headless, untilIdle } from './invariants.ts';
import { createShop } from './shop.ts';

/**
 * The power fails: the program is killed, and every file of the repository and of the user's checkout is left with the bytes that somebody
 * had waited for, as the trace of the system calls tells. What an agent had in its own worktree is left as it was: nobody has promised it.
 */
const canTrace = straceArguments('/dev/null') !== null;
if (!canTrace) console.log('Power cuts are not tried: strace is not installed or may not trace here.');

const points: readonly FailpointName[] = ['git.createWorktree.added', 'git.land.placed', 'git.land.after'];
const more: readonly FailpointName[] = [
  'git.pin.after',
  'checks.after',
  'git.land.aside',
  'git.land.tree',
  'git.land.moved',
];

describe.skipIf(!canTrace)('a power cut', { timeout: 300_000 }, () => {
  test.each([...points, ...(isLong ? more : [])])('at %s: all lands once, and nothing is lost', async point => {
    const { product, expected } = createShop(1, { settings: { checks: [['true']] } });
    const trace = join(product.base, 'trace');
    const command = [process.execPath, builtProgram, ...headless];
    const env = { ...product.env, CM_FAILPOINT: `${point}:kill` };
    const { signal } = spawnSync('strace', [...(straceArguments(trace) ?? []), ...command], { cwd: product.root, env });
    expect(signal, `${point} was never reached`).toBe('SIGKILL');
    const lost = [...unsyncedFiles(readTrace(trace), product.root)].filter(
      ([path]) => path.startsWith(`${product.root}/`) && !path.includes('/.git/worktrees/') && existsSync(path),
    );
    // Logs, and what only helps while the program runs: there is always something.
    expect(lost).not.toEqual([]);
    for (const [path, length] of lost) truncateSync(path, length);
    expect(await untilIdle(product), point).toMatchObject({ code: 0 });
    await assertInvariants(product, expected, point);
  });
});
