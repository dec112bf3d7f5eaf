import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';

it('spawns by argument, names what has not run, and retries by item, slug or branch', async () => {
  const product = temporaryProduct({ agent: 'exit 3' });
  const ended = async (slug: string): Promise<void> => {
    while (!existsSync(join(product.root, '.git/cm-tui/runs', slug, 'exit'))) await sleep(10);
  };
  const early = await product.run('retry', 'us-41');
  expect(early).toMatchObject({ code: 1, stdout: '' });
  expect(early.stderr).toBe('US-041 has not run yet. Start it with "cm-tui spawn US-041".\n');

  expect((await product.run('spawn', 'US-041')).stdout).toMatch(/^Started US-041 in .*041 on roadmap-041 /);
  await ended('041');
  expect((await product.run('retry', 'roadmap-041')).stdout).toMatch(/^Started US-041 in .*041-2 on roadmap-041-2/);
  await ended('041-2');
  // The slug of a run names its item.
  expect((await product.run('spawn', '041-2')).stdout).toMatch(/^Started US-041 in .*041-3/);
  expect((await product.run('status')).stdout).toContain('US-041  failed       041-2');
});
