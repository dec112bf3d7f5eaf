import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

it('documents every type of event, and marks those that are on disk first', () => {
  const union = read('source/ports/events.ts');
  const [, durable = ''] = read('source/ports/journal.ts').split('durableTypes');
  const parts = ['queue-events.ts', 'talking/talk-events.ts', 'fleet/fleet-events.ts', 'reading/reading-events.ts'];
  const all = [union, ...parts.map(part => read(`source/ports/${part}`))].join('');
  const types = [...all.matchAll(/readonly type: '([a-z-]+)'/g)].map(match => match[1] ?? '');
  const rows = new Map(
    [...read('docs/events.md').matchAll(/^\| `([a-z-]+)`( \*)? \|/gm)].map(match => [
      match[1] ?? '',
      match[2] !== undefined,
    ]),
  );
  expect([...rows.keys()].sort()).toEqual([...new Set(types)].sort());
  for (const [type, first] of rows) if (first) expect(durable, type).toContain(`'${type}'`);
});
