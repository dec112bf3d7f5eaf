import { expect, it } from 'vitest';
import { onTerminal } from '../../helpers/programs/on-terminal.ts';
import { committingAgent } from '../../helpers/programs/product.ts';
import { landings } from '../../helpers/programs/queue-product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';

it('settings that an agent rewrites pause landing; a person reads the difference, accepts it, and then the work lands', async () => {
  const one = temporaryProduct({
    items: [{ id: 'US-041', files: ['out/US-041.txt'] }],
    settings: { checks: [['false']], checkEarly: false },
    agent: `${committingAgent}; config="$(git rev-parse --git-common-dir)/cm-tui/config.json"; sed 's|"false"|"true"|' "$config" > "$config.new" && mv "$config.new" "$config"`,
  });
  const terminal = onTerminal(one);
  await terminal.waitForText('▸US-041 ○ ready');
  terminal.press('s');
  await terminal.waitForText('1 ready for review');
  await terminal.waitForText('settings changed (T) · landing paused');
  expect(landings(one)).toEqual([]);

  terminal.press('!');
  const page = (await terminal.waitForText('y accepts what is shown')).join('\n');
  expect(page).toContain('- checks[0]: ["false"]');
  expect(page).toContain('+ checks[0]: ["true"]');
  terminal.press('n');
  await terminal.waitForText('settings changed (T) · landing paused');
  terminal.press('T');
  await terminal.waitForText('y accepts what is shown');
  terminal.press('y');
  await terminal.waitForText('Settings in use from now on: checks.');

  terminal.press('m');
  await terminal.waitForText('Land US-041 on roadmap?');
  terminal.press('y');
  await terminal.waitForText('US-041 ✓ landed');
  expect(landings(one)).toEqual(['Merge US-041 parallel execution']);
});
