import { committingAgent, type Product, type ProductOptions } from '../helpers/programs/product.ts';
import { temporaryProduct } from '../helpers/programs/temporary-product.ts';
import type { Expected } from './invariants.ts';

const userFiles = { 'mine.txt': 'the user is in the middle of this\n', 'new.txt': 'not added yet\n' };

/** A repository with some independent items and a user who is at work in it, and what must hold in the end. */
export function createShop(
  count: number,
  options: Partial<ProductOptions> = {},
): { readonly product: Product; readonly expected: Expected } {
  const keys = Array.from({ length: count }, (_, at) => `US-04${at + 1}`);
  const product = temporaryProduct({
    items: keys.map(id => ({ id, files: [`out/${id}.txt`] })),
    agent: committingAgent,
    files: { 'mine.txt': 'as it was\n', 'other.txt': 'nobody touches this\n' },
    ...options,
  });
  for (const [path, text] of Object.entries(userFiles)) product.write(path, text);
  return { product, expected: { keys, userFiles } };
}
