import * as z from 'zod/mini';

const unit: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** An amount of memory or disk: a number, or a text with a unit. */
export function byteCount() {
  const written = z.string().check(z.regex(/^\d+(\.\d+)? ?([kKmMgGtT](i?B)?|B)?$/));
  return z.pipe(
    z.union([z.number().check(z.minimum(0)), written]),
    z.transform(value => {
      if (typeof value === 'number') return value;
      const letter = /[kmgt]/i.exec(value)?.[0].toLowerCase() ?? '';
      return Math.round(Number.parseFloat(value) * (unit[letter] ?? 1));
    }),
  );
}

/** Environment variables by name. */
export function variables() {
  return z.record(z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/)), z.string());
}

/** Names of environment variables; a trailing `*` stands for any ending. */
export function variableNames() {
  return z.array(z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]*\*?$/)));
}
