import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { linuxTable } from '../../../source/adapters/system/linux/proc-table.ts';
import { findMark, markOf } from '../../../source/adapters/system/run-mark.ts';
import { isRunning, until, Workshop } from '../../helpers/programs/processes.ts';

const limits = (hard: string) =>
  `Max file size  unlimited  unlimited  bytes\nMax file locks            5   ${hard}   locks\n`;

describe('the mark of a run', () => {
  test('is told from every other limit, and from that of another run', () => {
    expect(findMark(limits(String(markOf('a'))))).toBe(markOf('a'));
    expect(markOf('a')).not.toBe(markOf('b'));
    for (const hard of ['unlimited', '0', '64', String(2 ** 53), '7941171810312345x']) {
      expect(findMark(limits(hard))).toBeNull();
    }
    expect(findMark(fs.readFileSync('/proc/self/limits', 'latin1'))).toBeNull();
  });

  test.each([
    ['with an empty environment, in a session of its own', 'env -i /usr/bin/setsid'],
    ['under nohup', 'env -i /usr/bin/nohup'],
    ['behind a double fork', 'env -i /usr/bin/setsid /bin/sh -c \'"$@" & exit 0\' sh'],
  ])('stays on a process %s, which is ended with the run', async (_how, leave) => {
    const shop = new Workshop();
    const identity = await shop.start(
      `${leave} /bin/sh -c 'cd /; echo $$ >"${shop.dir}/escaped.tmp"; mv "${shop.dir}/escaped.tmp" "${shop.dir}/escaped"; while :; do sleep 1; done' >/dev/null 2>&1 </dev/null & sleep 300`,
    );
    const pid = await shop.pidIn('escaped');
    expect(isRunning(pid)).toBe(true);
    expect(await linuxTable.cookie(pid)).not.toMatchObject({ runId: shop.runId });
    expect(await linuxTable.mark(pid)).toBe(markOf(shop.runId));
    expect(await shop.processes.killTree(shop.runId, '043', identity, { graceMs: [0, 0] })).toBe(0);
    await until(() => !isRunning(pid));
  });
});
