/** What the demo agent writes: real code for the sample shop, something sensible and valid for every other file. */

export interface RecipeItem {
  readonly key: string;
  readonly title: string;
}

/** Creates the new content of a file; `before` is null if it does not exist yet. */
type Recipe = (before: string | null, item: RecipeItem) => string;

const shop: Readonly<Record<string, Recipe>> = {
  'src/cart.js': append(
    'changeQuantity',
    `/** A cart with another quantity of a product; zero takes it out. */
export function changeQuantity(cart, sku, quantity) {
  if (!Number.isInteger(quantity) || quantity < 0) throw new RangeError('a quantity is a whole number, zero or more');
  const lines = cart.lines.map(line => (line.sku === sku ? { ...line, quantity } : line));
  return { ...cart, lines: lines.filter(line => line.quantity > 0) };
}
`,
  ),
  'test/cart.test.js': append(
    'changeQuantity',
    `test('a quantity can be changed, and zero takes the product out', () => {
  const full = cart.addItem(cart.emptyCart(), { sku: 'tea', price: 450 });
  assert.equal(cart.totalOf(cart.changeQuantity(full, 'tea', 3)), 1350);
  assert.deepEqual(cart.changeQuantity(full, 'tea', 0).lines, []);
  assert.throws(() => cart.changeQuantity(full, 'tea', -1), RangeError);
});
`,
  ),
  'src/catalog.js': append(
    'searchProducts',
    `/** Products whose name holds every word of the query, in the order of the shelf. */
export function searchProducts(query) {
  const words = query.toLowerCase().split(/\\s+/).filter(word => word !== '');
  return products.filter(product => words.every(word => product.name.toLowerCase().includes(word)));
}
`,
  ),
  'test/catalog.test.js': append(
    'searchProducts',
    `test('search finds every word, in any case', () => {
  assert.deepEqual(
    catalog.searchProducts('GREEN tea').map(product => product.sku),
    ['tea'],
  );
  assert.deepEqual(catalog.searchProducts('nothing of the kind'), []);
});
`,
  ),
  'src/coupons.js': fullFile(`/** Coupons: a code takes a share off the total. */
const coupons = new Map([
  ['WELCOME10', 0.1],
  ['SUMMER25', 0.25],
]);

/** The total after a coupon, in cents. An unknown code changes nothing. */
export function applyCoupon(total, code) {
  const share = coupons.get(code.trim().toUpperCase()) ?? 0;
  return total - Math.round(total * share);
}
`),
  'test/coupons.test.js': fullFile(`import assert from 'node:assert/strict';
import test from 'node:test';
import { applyCoupon } from '../src/coupons.js';

test('a coupon takes its share off', () => {
  assert.equal(applyCoupon(1000, 'welcome10'), 900);
});

test('an unknown code changes nothing', () => {
  assert.equal(applyCoupon(1000, 'FREE'), 1000);
});
`),
  'src/shipping/rates.js': fullFile(`/** What sending a parcel costs, in cents. */
const rates = [
  { upToGrams: 500, price: 390 },
  { upToGrams: 2000, price: 690 },
  { upToGrams: 10000, price: 1190 },
];

export function shippingCost(grams) {
  const rate = rates.find(each => grams <= each.upToGrams);
  if (rate === undefined) throw new RangeError('a parcel weighs at most ten kilograms');
  return rate.price;
}
`),
  'test/shipping.test.js': fullFile(`import assert from 'node:assert/strict';
import test from 'node:test';
import { shippingCost } from '../src/shipping/rates.js';

test('a heavier parcel costs more', () => {
  assert.equal(shippingCost(400), 390);
  assert.equal(shippingCost(501), 690);
});

test('a parcel has a greatest weight', () => {
  assert.throws(() => shippingCost(10001), RangeError);
});
`),
  'src/order.js': fullFile(`import { totalOf } from './cart.js';
import { formatPrice } from './money.js';

/** The lines a customer reads before paying. */
export function orderSummary(cart) {
  const lines = cart.lines.map(line => \`\${line.quantity} x \${line.sku}  \${formatPrice(line.price * line.quantity)}\`);
  return [...lines, \`Total  \${formatPrice(totalOf(cart))}\`].join('\\n');
}
`),
  'test/order.test.js': fullFile(`import assert from 'node:assert/strict';
import test from 'node:test';
import { addItem, changeQuantity, emptyCart } from '../src/cart.js';
import { orderSummary } from '../src/order.js';

test('a summary lists quantities and ends with the total', () => {
  const cart = changeQuantity(addItem(emptyCart(), { sku: 'tea', price: 450 }), 'tea', 2);
  assert.equal(orderSummary(cart), '2 x tea  9.00\\nTotal  9.00');
});
`),
  'src/pricing.js': (before, item) => {
    const changed = before?.replace(/^export const TAX_RATE = [\d.]+;.*$/m, 'export const TAX_RATE = 0.21;');
    return changed === undefined || changed === before ? generic('src/pricing.js', before, item) : changed;
  },
};

/** Paths with real code. */
export const recipeTargets: readonly string[] = Object.keys(shop);

/** The new content of a file; unchanged if there is nothing to add. */
export function applyRecipe(path: string, before: string | null, item: RecipeItem): string {
  const recipe = Object.hasOwn(shop, path) ? shop[path] : undefined;
  const made = recipe?.(before, item) ?? generic(path, before, item);
  return made === before ? generic(path, before, item) : made;
}

/** Adds a block at the end of a file, unless it is there already. */
function append(marker: string, block: string): Recipe {
  return before => {
    if (before === null || before.trim() === '') return block;
    return before.includes(marker) ? before : `${before.trimEnd()}\n\n${block}`;
  };
}

function fullFile(content: string): Recipe {
  return before => before ?? content;
}

function generic(path: string, before: string | null, item: RecipeItem): string {
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  const name = `${item.key}`.toLowerCase().replace(/[^a-z0-9]+/g, '_');
  const text = JSON.stringify(`${item.key}: ${item.title}`);
  switch (extension) {
    case 'js':
    case 'mjs':
    case 'ts':
    case 'tsx':
    case 'jsx':
      return append(`note_${name}`, `/** Says what was added here. */\nexport const note_${name} = ${text};\n`)(
        before,
        item,
      );
    case 'py':
      return append(`note_${name}`, `note_${name} = ${text}\n`)(before, item);
    case 'json':
      return addField(before, item);
    case 'md':
    case 'txt':
      return append(`## ${item.key}`, `## ${item.key}: ${item.title}\n\nWritten by the demo agent.\n`)(before, item);
    case 'css':
      return append(`${item.key}:`, `/* ${item.key}: ${item.title.replaceAll('*/', '')} */\n`)(before, item);
    default:
      return append(`${item.key}:`, `# ${item.key}: ${item.title}\n`)(before, item);
  }
}

function addField(before: string | null, item: RecipeItem): string {
  try {
    const value: unknown = before === null ? {} : JSON.parse(before);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return before ?? '{}\n';
    return `${JSON.stringify({ ...value, [item.key]: item.title }, null, 2)}\n`;
  } catch {
    return before ?? '{}\n';
  }
}
