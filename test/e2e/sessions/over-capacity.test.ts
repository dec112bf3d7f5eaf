import { afterAll, beforeAll, expect, it } from 'vitest';
import { createProduct, type Product } from '../../helpers/programs/product.ts';

let shop: Product;
beforeAll(() => {
  const items = [1, 2].map(number => ({ id: `US-04${number}`, files: [`out/${number}.txt`] }));
  shop = createProduct({ items, agent: 'exec sleep 300' });
});
afterAll(async () => {
  await Promise.all(['US-041', 'US-042'].map(id => shop.run('cancel', id)));
  shop.cleanup();
});

it('a busy machine takes one run; the refusal of a second names the flag that starts it all the same', async () => {
  const busy = shop.with({ CM_TUI_MACHINE: '92,20' });
  expect(await busy.run('spawn', '--priority', 'US-041')).toMatchObject({ code: 0 });
  expect(await busy.run('spawn', '--priority', 'US-042')).toMatchObject({
    code: 1,
    stderr:
      'Cannot spawn US-042 now: limit reached: 1 of 1 running (CPU 92 %). Add --anyway to start it all the same.\n',
  });
  expect(await busy.run('spawn', '--priority', 'US-042', '--anyway')).toMatchObject({ code: 0, stderr: '' });
});
