import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';

interface Line {
  readonly seq: number;
  readonly type: string;
  readonly key: string | null;
  readonly text: string | null;
}

it('prints everything that happened, with and without a coordinator, and tells notify.command', async () => {
  const product = temporaryProduct();
  const heard = join(product.base, 'heard.jsonl');
  product.configure({ notify: { bell: false, command: ['sh', '-c', 'cat >> "$0"', heard] } });
  const following = product.start('events', '-f', '--json');
  const { code } = await product.run('start', '--headless', '--approve', 'clean', '--exit-when-idle');
  expect(code).toBe(0);
  // It followed what another process did.
  await following.event(({ type, key }) => type === 'landed' && key === 'US-041');
  following.kill('SIGINT');
  expect((await following.exit).code).toBe(130);

  const news = readFileSync(heard, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as unknown);
  // What --approve clean approves at once waits for nobody.
  expect(news).toEqual([{ type: 'merged', key: 'US-041', title: 'Work of US-041', text: 'US-041 has landed.' }]);

  const json = await product.run('events', '--json');
  const lines = json.stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Line);
  expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1));
  const types = lines.filter(({ key }) => key === 'US-041').map(({ type }) => type);
  expect(types).toEqual(expect.arrayContaining(['instance-requested', 'instance-judged', 'merge-approved', 'landed']));
  expect(following.events.map(({ seq }) => seq)).toEqual(lines.map(({ seq }) => seq));

  // What the log lacks is read from the journal.
  const log = join(product.root, '.git/cm-tui/activity.jsonl');
  expect(existsSync(log)).toBe(true);
  rmSync(log);
  const { stdout } = await product.run('events', 'us-41');
  expect(stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {3}US-041 {2}spawned with script on roadmap-041$/m);
  expect(stdout).toContain('US-041  finished: 1 commit, 1 file');
  expect(stdout).toContain('US-041  landed on roadmap as ');
  expect(stdout).not.toContain('cm-tui started');
});
