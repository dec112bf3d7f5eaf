/** Names for branches, worktrees and run folders (docs/contract.md). */

/**
 * The slug of an item's attempt: `US-043` → `043`, `PRIORITY-2.65` → `002-65`, the second attempt `043-2`. Keys without a number become
 * lower-case letters, digits and dashes. Where `taken` knows the slug already (`PRIORITY-10` beside `US-010`, or a branch that is not
 * ours), the next attempt's slug is used.
 */
export function slugOf(key: string, attempt: number, taken: (slug: string) => boolean = () => false): string {
  return nextFree(baseSlug(key), attempt, taken);
}

/** The slug with the letters of the key: `us-043`. */
export function fullSlugOf(key: string, attempt: number, taken: (slug: string) => boolean): string {
  return nextFree(plainSlug(key.replace(/@\d+$/, '')), attempt, taken);
}

function nextFree(base: string, attempt: number, taken: (slug: string) => boolean): string {
  for (let number = Math.max(1, Math.trunc(attempt)); ; number++) {
    const slug = number === 1 ? base : `${base}-${number}`;
    if (!taken(slug)) return slug;
  }
}

/** The slug of an item's first attempt. */
export function baseSlug(key: string): string {
  const bare = key.replace(/@\d+$/, '');
  const number = /^[\p{L}]+[ -]?(\d{1,12}(?:\.\d{1,12}){0,4})$/u.exec(bare)?.[1];
  if (number !== undefined) {
    const [whole = '', ...decimals] = number.split('.');
    return [whole.replace(/^0+(?=\d)/, '').padStart(3, '0'), ...decimals].join('-');
  }
  return plainSlug(bare);
}

function plainSlug(bare: string): string {
  const plain = bare
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  return plain === '' ? 'item' : plain;
}
