import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectControl } from '../../../source/adapters/socket/client.ts';
import { builtProgram } from '../../helpers/programs/product.ts';
import { start } from '../../helpers/programs/pty.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';

/** Answers of the program in a row, a fifth of a second apart: in between it reads machine and agents several times. */
const answersInSilence = 40;

test('a screen with four quiet agents writes nothing to the terminal', async () => {
  const items = Array.from({ length: 4 }, (_, at) => ({ id: `US-${100 + at}`, files: [`out/${at}.txt`] }));
  const one = temporaryProduct({ items, agent: 'exec sleep 600' });
  const env = { ...(one.env as Record<string, string>), TERM: 'xterm-256color', LANG: 'C.UTF-8' };
  const screen = start(process.execPath, [builtProgram, '--auto'], { columns: 160, rows: 45, cwd: one.root, env });
  try {
    await screen.waitForText('4/4 running');
    const client = await connectControl(join(one.root, '.git/cm-tui'));
    let written = screen.raw().length;
    // The minutes of the agents may come round in the meantime: what counts is that it falls silent at all.
    for (let answers = 0; answers < answersInSilence; answers++) {
      const { state } = (await client?.look()) ?? {};
      await new Promise(resolve => setTimeout(resolve, 200));
      const running = state?.instances.filter(one => one.state === 'running').length;
      if (running !== items.length || screen.raw().length !== written) answers = 0;
      written = screen.raw().length;
    }
    client?.close();
    // It was not the program that slept.
    screen.press('?');
    await screen.waitForText(/ Keys /);
    expect(screen.raw().length).toBeGreaterThan(written);
  } finally {
    await screen.dispose();
  }
});
