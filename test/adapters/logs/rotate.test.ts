import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createLogs } from '../../../source/adapters/logs/logs.ts';
import { rotateLog } from '../../../source/adapters/logs/rotate.ts';
import { plainReader } from '../../helpers/core/logs.ts';
import { until, Workshop } from '../../helpers/programs/processes.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

describe('rotation', () => {
  test('moves a long log aside, keeping one, and leaves a short one alone', async () => {
    const log = path.join(temporaryFolder(), 'out.log');
    fs.writeFileSync(log, 'a'.repeat(100));
    expect(await rotateLog(log, 100)).toBeNull();
    expect(fs.readdirSync(path.dirname(log))).toEqual(['out.log']);
    fs.appendFileSync(log, 'b');
    expect(await rotateLog(log, 100)).toBe(101);
    expect(fs.readFileSync(`${log}.1`, 'utf8')).toBe(`${'a'.repeat(100)}b`);
    expect(fs.statSync(log).size).toBe(0);
    fs.writeFileSync(log, 'c'.repeat(200));
    expect(await rotateLog(log, 100)).toBe(200);
    expect(fs.readFileSync(`${log}.1`, 'utf8')).toBe('c'.repeat(200));
    expect(fs.readdirSync(path.dirname(log)).sort()).toEqual(['out.log', 'out.log.1']);
  });

  test('keeps both files private', async () => {
    const log = path.join(temporaryFolder(), 'out.log');
    fs.writeFileSync(log, 'a'.repeat(100), { mode: 0o600 });
    await rotateLog(log, 10);
    expect(fs.statSync(`${log}.1`).mode & 0o777).toBe(0o600);
  });

  test('leaves the log of a run that has ended as it is: it is read once, and its end shown', async () => {
    const runsDir = temporaryFolder();
    const log = path.join(runsDir, '043', 'out.log');
    fs.mkdirSync(path.dirname(log));
    fs.writeFileSync(log, `${'early\n'.repeat(100)}the last words`);
    const logs = createLogs({ runsDir, rotateAbove: 100 });
    logs.track('run', '043', plainReader, () => undefined, { fromStart: false, ended: true });
    await until(() => logs.tail('run').at(-1)?.text === 'the last words');
    // Whatever is asked of the logs comes after what was asked before.
    await logs.drain('run');
    expect(fs.readdirSync(path.dirname(log))).toEqual(['out.log']);
    logs.track('run', '043', plainReader, () => undefined, { fromStart: true });
    await until(() => fs.existsSync(`${log}.1`));
    logs.close();
  });

  test('does not follow a link', async () => {
    const dir = temporaryFolder();
    fs.writeFileSync(path.join(dir, 'precious'), 'x'.repeat(100));
    fs.symlinkSync('precious', path.join(dir, 'out.log'));
    await expect(rotateLog(path.join(dir, 'out.log'), 10)).rejects.toThrow(/is a symbolic link/);
    expect(fs.statSync(path.join(dir, 'precious')).size).toBe(100);
  });

  test('of a log that is being written leaves no hole, and the reader misses nothing', async () => {
    const shop = new Workshop();
    const logs = createLogs({ runsDir: shop.runsDir, rotateAbove: 20_000 });
    const sessions: string[] = [];
    const identity = await shop.start(
      'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo "{\\"type\\":\\"session\\",\\"id\\":\\"$i\\"}"; done; until [ -e stop ]; do sleep 0.02; done; echo over',
    );
    const reader = () => ({
      read: (line: string) => [
        line.startsWith('{')
          ? ({ type: 'session', id: line } as const)
          : ({ type: 'line', kind: 'text', text: line } as const),
      ],
    });
    logs.track(shop.runId, '043', reader, (_runId, signal) => signal.type === 'session' && sessions.push(signal.id), {
      fromStart: true,
    });
    await until(() => fs.existsSync(path.join(shop.runsDir, '043', 'out.log.1')));
    fs.writeFileSync(path.join(shop.dir, 'stop'), '');
    await shop.ended(identity);
    await logs.drain(shop.runId);
    expect(logs.tail(shop.runId).map(line => line.text)).toEqual(['over']);
    // Copying and truncating may lose what was written in the very moment of it; nothing comes twice or torn.
    expect(new Set(sessions).size).toBe(sessions.length);
    expect(sessions.length).toBeGreaterThan(2900);
    expect(sessions.at(-1)).toBe('{"type":"session","id":"3000"}');
    expect(shop.file('out.log')).not.toMatch(/\0/);
    logs.close();
  });
});
