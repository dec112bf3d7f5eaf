import { afterEach, expect, it } from 'vitest';
import { committingAgent, createProduct, type HeadlessEvent, type Product } from '../../helpers/programs/product.ts';

let one: Product | null = null;

afterEach(() => {
  one?.cleanup();
  one = null;
});

const notice = (text: RegExp) => (event: HeadlessEvent) =>
  event.type === 'notice-raised' && text.test(String(event.text));

it('settings that change while cm-tui runs count at once, or it says what needs a restart, whoever writes them', async () => {
  const made = createProduct({
    items: [{ id: 'US-041', files: ['out/US-041.txt'] }],
    agent: `until [ -e "${'$'}CM_WORKTREE/../go" ]; do sleep 0.1; done; ${committingAgent}`,
    files: { 'other.md': '### US-900: Another list\n\n**Status**: 📝 Planned\n**Files**: `x`\n' },
  });
  one = made;
  const running = made.start('start', '--headless');
  await running.event(({ type }) => type === 'instance-started');

  // A person, through cm-tui: an agent at work does not matter.
  expect(await made.run('config', 'set', 'maxParallel', '9')).toMatchObject({ code: 0 });
  await running.event(notice(/^Settings in use from now on: maxParallel\.$/));
  expect(await made.json('status', '--json')).toMatchObject({ maxParallel: 9 });
  expect(await made.run('config', 'set', 'roadmap', 'other.md')).toMatchObject({ code: 0 });
  await running.event(notice(/^Settings in use from now on: roadmap\.$/));
  const { items } = await made.json<{ items: readonly { readonly key: string }[] }>('roadmap', '--json');
  expect(items.map(({ key }) => key)).toContain('US-900');
  expect(await made.run('config', 'set', 'sign', 'never')).toMatchObject({ code: 0 });
  await running.event(notice(/^Restart cm-tui to use sign\.$/));

  // Nobody knows who: what only paces or paints counts, and nothing that could approve or start a program.
  made.configure({ maxParallel: 7, roadmap: 'other.md', sign: 'never', approve: 'clean' });
  await running.event(notice(/^Settings in use from now on: maxParallel\.$/));
  const doubt = await running.event(notice(/config\.json was changed while US-041 ran, and could start programs/));
  const trust = /config trust ([0-9a-f]{16})/.exec(String(doubt.text))?.[1] ?? '';
  expect(await made.run('config', 'trust', trust)).toMatchObject({ code: 0 });
  await running.event(notice(/^Settings in use from now on: approve\.$/));

  // What is not valid is not used, and said.
  made.configure({ maxParallel: 'many' });
  await running.event(notice(/maxParallel.*The settings from before stay in use\.$/));
  running.kill('SIGTERM');
  await running.exit;
});

it('settings that checks change, which run what an agent wrote, wait for a person however quickly they end', async () => {
  const made = createProduct({
    items: [{ id: 'US-041', files: ['out/US-041.txt'] }],
    agent: committingAgent,
    settings: { checks: ['sh ./change.sh'] },
  });
  one = made;
  const file = '.git/cm-tui/config.json';
  const changed = { ...JSON.parse(made.read(file)), approve: 'clean' };
  made.write('change.sh', `cat > '${made.root}/${file}' <<'END'\n${JSON.stringify(changed)}\nEND\n`);
  made.commit('A check');
  const running = made.start('start', '--headless', '--auto');
  const paused = await running.event(({ type }) => type === 'queue-paused');
  expect(paused.reason).toContain('settings changed while an agent ran: ');
  expect(running.events.filter(({ type }) => type === 'merge-approved' || type === 'landed')).toEqual([]);
  expect(await made.json('status', '--json')).toMatchObject({ instances: [{ state: 'awaiting-approval' }] });
  running.kill('SIGTERM');
  await running.exit;
});
