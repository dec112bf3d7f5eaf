import { expect, test } from 'vitest';
import { screenAt } from '../../helpers/render-at.tsx';
import { busy, sizes } from '../pictures.ts';

/** The page of keys, as it comes from the table of actions. `npm run docs` writes its pictures, so that a new key is one row of the table. */
test.each(sizes)('the page of keys at %d×%d', async (columns, rows) => {
  const running = await screenAt(busy(), { columns, rows });
  try {
    running.press('?');
    await running.waitForText('┏ Keys');
    const screen = await running.still();
    await expect(`${screen.join('\n')}\n`).toMatchFileSnapshot(`../snapshots/help-${columns}x${rows}.txt`);
  } finally {
    await running.end();
  }
});
