import { afterEach, expect, it } from 'vitest';
import type { AgentStatus } from '../helpers/fake-agents.ts';
import { committingAgent, createProduct, type Product } from '../helpers/product.ts';

let one: Product | null = null;

afterEach(() => {
  one?.cleanup();
  one = null;
});

it('settings that an agent rewrites pause landing, start and approve nothing, and count once a person accepts them', async () => {
  const made = createProduct({
    items: [{ id: 'US-041', files: ['out/US-041.txt'] }],
    settings: { checks: [['false']] },
    agent: `${committingAgent}; config="$(git rev-parse --git-common-dir)/cm-tui/config.json"; sed 's|"false"|"touch","'"$PWD"'/../ran"|; s|^{|{"approve":"clean",|' "$config" > "$config.new" && mv "$config.new" "$config"`,
  });
  one = made;
  const first = made.start('start', '--headless', '--exit-when-idle');
  const paused = await first.event(({ type }) => type === 'queue-paused');
  expect(paused.reason).toMatch(
    /^settings changed while an agent ran: .*config\.json\. Review it, then run "cm-tui config trust [0-9a-f]{16}"$/,
  );
  expect(await first.exit).toMatchObject({ code: 1 });
  const tip = made.git('rev-parse', 'roadmap');

  const second = await made.run('start', '--headless', '--approve', 'clean', '--exit-when-idle');
  expect(second).toMatchObject({ code: 3, stdout: '' });
  expect(second.stderr).toMatch(
    /config\.json was changed while an agent ran, and could start programs or approve by itself/,
  );
  expect(await made.run('merge', 'US-041')).toMatchObject({ code: 3 });
  expect(made.git('rev-parse', 'roadmap')).toBe(tip);
  // Looking is always possible.
  expect((await made.json<AgentStatus>('status', '--json')).instances[0]).toMatchObject({ state: 'awaiting-approval' });

  const hash = /config trust ([0-9a-f]{16})/.exec(second.stderr)?.[1] ?? '';
  expect(await made.run('config', 'trust', hash.slice(0, 8))).not.toMatchObject({ code: 0, stdout: /Accepted/ });
  expect(await made.run('config', 'trust')).toMatchObject({ code: 3, stdout: expect.stringContaining(hash) });
  expect(await made.run('config', 'trust', hash)).toMatchObject({ code: 0, stdout: 'Accepted, as it is now.\n' });
  // What a person writes with no agent at work is used, and told in one sentence.
  made.configure({ checks: [['true']] });
  const third = made.start('start', '--headless', '--approve', 'clean', '--exit-when-idle');
  await third.event(
    ({ type, text }) => type === 'notice-raised' && /^Settings changed since the last start/.test(String(text)),
  );
  expect(await third.exit).toMatchObject({ code: 0 });
});
