import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readOrder, StreamOrder } from '../../../source/adapters/logs/stream-order.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

test('the order of two streams is noted at each change, and once', () => {
  const folder = temporaryFolder();
  const order = new StreamOrder(folder);
  order.grew('err', 10);
  order.grew('out', 5);
  order.grew('out', 20);
  order.grew('err', 30);
  order.end();
  const marks = [
    { stream: 'err', end: 10 },
    { stream: 'out', end: 20 },
    { stream: 'err', end: 30 },
  ];
  expect(readOrder(folder)).toEqual(marks);
  // Read again from the start, as after a restart, and continued.
  const again = new StreamOrder(folder);
  again.grew('out', 20);
  again.grew('err', 30);
  again.grew('out', 25);
  again.end();
  expect(readOrder(folder)).toEqual([...marks, { stream: 'out', end: 25 }]);
});

test('what was moved aside, or is not readable, has no order', () => {
  const folder = temporaryFolder();
  const order = new StreamOrder(folder);
  order.grew('out', 5);
  order.grew('err', 5);
  order.forget();
  order.grew('out', 50);
  order.end();
  expect(readOrder(folder)).toEqual([]);
  writeFileSync(join(folder, 'order'), 'nonsense\nout -1\nerr 3\n');
  expect(readOrder(folder)).toEqual([{ stream: 'err', end: 3 }]);
  expect(readOrder(join(folder, 'missing'))).toEqual([]);
});
