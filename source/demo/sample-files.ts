/** The files of the sample repository: a small shop, its ROADMAP and its ownership table. */

const readme = `# Corner shop

A very small shop, made by \`cm-tui demo\` so that there is something to work on. Its tests run with \`node --test\`.

What you see happen here:

- **US-041 to US-044** wait for nothing unfinished and touch different files: they run side by side.
- **US-045** needs what US-041 makes: it starts when US-041 has landed, not earlier.
- **US-046** changes the sales tax in \`src/pricing.js\`. While its agent works, the demo commits a change of the very same
  line on \`roadmap\`, as a colleague or you yourself might. Nobody could have foreseen that by looking at scopes: the branch
  is held back as a conflict, with its worktree and its commits, and everything else lands.
`;

const roadmap = `# Roadmap of the corner shop

### US-040: A catalog to choose from

**Status**: ✅ Complete
**Files**: \`src/catalog.js\`

The products and their prices.

---

### US-041: Change quantities in the cart

**Status**: 📝 Planned
**Files**: \`src/cart.js\`, \`test/cart.test.js\`
**Estimated Effort**: 2 hours
**Dependencies**: US-040

A customer who wants three of something should not have to add it three times.

---

### US-042: Search the catalog

**Status**: 📝 Planned
**Files**: \`src/catalog.js\`, \`test/catalog.test.js\`
**Estimated Effort**: 2 hours
**Dependencies**: None

Find products by the words of their name, in any case.

---

### US-043: Coupons

**Status**: 📝 Planned
**Files**: \`src/coupons.js\`, \`test/coupons.test.js\`
**Estimated Effort**: 0.5 day
**Dependencies**: None

A code takes a share off the total; an unknown one changes nothing.

---

### US-044: Shipping costs

**Status**: 📝 Planned
**Scope**: \`src/shipping/**\`, \`test/shipping.test.js\`
**Estimated Effort**: 0.5 day
**Dependencies**: None

Heavier parcels cost more, and none weighs more than ten kilograms.

---

### US-045: Order summary

**Status**: 📝 Planned
**Files**: \`src/order.js\`, \`test/order.test.js\`
**Estimated Effort**: 3 hours
**Dependencies**: US-041

What a customer reads before paying, with the quantities of US-041.

---

### US-046: Raise the sales tax

**Status**: 📝 Planned
**Files**: \`src/pricing.js\`
**Estimated Effort**: 1 hour
**Dependencies**: None

The tax rises to 21 %.
`;

const ownership = `# Who owns which files

| File/Directory | Owner | Can Modify? | Others |
|----------------|-------|-------------|--------|
| **src/** | code_developer | YES | READ-ONLY |
| **test/** | code_developer | YES | READ-ONLY |
| **docs/** | project_manager | YES | READ-ONLY |
| **README.md** | project_manager | YES | READ-ONLY |
| **package.json** | architect | YES | READ-ONLY |
`;

const packageJson = `{
  "name": "corner-shop",
  "version": "1.0.0",
  "private": true,
  "type": "module",
  "scripts": {
    "test": "node --test"
  }
}
`;

const money = `/** An amount of cents as people write it: 450 is 4.50. */
export function formatPrice(cents) {
  return (cents / 100).toFixed(2);
}
`;

const catalog = `/** What the shop sells; prices in cents. */
export const products = [
  { sku: 'tea', name: 'Green tea', price: 450, grams: 100 },
  { sku: 'coffee', name: 'Ground coffee', price: 690, grams: 250 },
  { sku: 'honey', name: 'Forest honey', price: 820, grams: 500 },
];

export function findProduct(sku) {
  return products.find(product => product.sku === sku) ?? null;
}
`;

const cart = `/** A cart is a plain value; every change makes another one. */
export function emptyCart() {
  return { lines: [] };
}

export function addItem(cart, product) {
  const line = cart.lines.find(each => each.sku === product.sku);
  if (line === undefined) {
    return { ...cart, lines: [...cart.lines, { sku: product.sku, price: product.price, quantity: 1 }] };
  }
  return {
    ...cart,
    lines: cart.lines.map(each => (each === line ? { ...line, quantity: line.quantity + 1 } : each)),
  };
}

/** The total of a cart in cents, before tax. */
export function totalOf(cart) {
  return cart.lines.reduce((sum, line) => sum + line.price * line.quantity, 0);
}
`;

const pricing = `/** Sales tax, as a share of the price. */
export const TAX_RATE = 0.19;

/** A price with tax, in whole cents. */
export function withTax(cents) {
  return Math.round(cents * (1 + TAX_RATE));
}
`;

const cartTest = `import assert from 'node:assert/strict';
import test from 'node:test';
import * as cart from '../src/cart.js';

test('the same product twice makes one line', () => {
  const tea = { sku: 'tea', price: 450 };
  const two = cart.addItem(cart.addItem(cart.emptyCart(), tea), tea);
  assert.equal(two.lines.length, 1);
  assert.equal(cart.totalOf(two), 900);
});
`;

const catalogTest = `import assert from 'node:assert/strict';
import test from 'node:test';
import * as catalog from '../src/catalog.js';

test('a product is found by its number', () => {
  assert.equal(catalog.findProduct('tea').name, 'Green tea');
  assert.equal(catalog.findProduct('rope'), null);
});
`;

const pricingTest = `import assert from 'node:assert/strict';
import test from 'node:test';
import { TAX_RATE, withTax } from '../src/pricing.js';

test('tax is added and rounded to whole cents', () => {
  assert.equal(withTax(1000), Math.round(1000 * (1 + TAX_RATE)));
  assert.ok(Number.isInteger(withTax(333)));
});
`;

/** Path → content of every file. */
export const sampleFiles: Readonly<Record<string, string>> = {
  'README.md': readme,
  'package.json': packageJson,
  'docs/roadmap/ROADMAP.md': roadmap,
  'docs/AGENT_OWNERSHIP.md': ownership,
  'src/money.js': money,
  'src/catalog.js': catalog,
  'src/cart.js': cart,
  'src/pricing.js': pricing,
  'test/cart.test.js': cartTest,
  'test/catalog.test.js': catalogTest,
  'test/pricing.test.js': pricingTest,
};
