import { afterEach } from 'vitest';
import { createProduct, type Product, type ProductOptions } from './product.ts';

const made: Product[] = [];

afterEach(({ task }) => {
  if (task.result?.state === 'fail') for (const one of made) console.error(one.said());
  for (const one of made.splice(0)) one.cleanup();
});

/** See {@link createProduct}; by default with one item, US-041. It and the processes of its runs are gone after the test. */
export function temporaryProduct(options: Partial<ProductOptions> = {}): Product {
  const one = createProduct({ items: [{ id: 'US-041', files: ['out/**'] }], ...options });
  made.push(one);
  return one;
}
