import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { AgentStatus } from '../../helpers/programs/fake-agents.ts';
import { committingAgent, createProduct, type Product } from '../../helpers/programs/product.ts';

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
    /^settings changed while an agent ran: .*config\.json\. Read "cm-tui config diff", then run "cm-tui config trust [0-9a-f]{16}"$/,
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
  const difference = await made.run('config', 'diff');
  expect(difference).toMatchObject({ code: 1, stderr: '' });
  expect(difference.stdout).toContain(
    `config.json\n  + approve: "clean"\n  - checks[0]: ["false"]\n  + checks[0]: ["touch",`,
  );
  expect(difference.stdout).toContain(`cm-tui config trust ${hash}\n`);
  expect(await made.run('config', 'trust', hash.slice(0, 8))).not.toMatchObject({ code: 0, stdout: /Accepted/ });
  expect(await made.run('config', 'trust')).toMatchObject({ code: 3, stdout: expect.stringContaining(hash) });
  expect(await made.run('config', 'trust', hash)).toMatchObject({ code: 0, stdout: 'Accepted, as it is now.\n' });
  expect(await made.run('config', 'diff')).toMatchObject({ code: 0, stdout: /^No settings file has changed/ });
  // What a person writes with no agent at work is used, and told in one sentence.
  made.configure({ checks: [['true']] });
  const third = made.start('start', '--headless', '--approve', 'clean', '--exit-when-idle');
  await third.event(
    ({ type, text }) => type === 'notice-raised' && /^Settings changed since the last start/.test(String(text)),
  );
  expect(await third.exit).toMatchObject({ code: 0 });
});

it('what a person sets while an agent works and no cm-tui runs counts at the next start', async () => {
  const made = createProduct({
    items: [{ id: 'US-041', files: ['out/US-041.txt'] }],
    agent: `while [ ! -e ../go ]; do sleep 0.1; done; ${committingAgent}`,
  });
  one = made;
  expect(await made.run('spawn', '--priority', 'US-041')).toMatchObject({ code: 0 });
  expect(await made.run('config', 'set', 'checks', '["true"]')).toMatchObject({ code: 0, stderr: '' });
  made.write(join(made.root, '../go'), '');
  const next = await made.run('start', '--headless', '--approve', 'clean', '--exit-when-idle');
  expect(next).toMatchObject({ code: 0, stderr: expect.not.stringContaining('config trust') });
});

/** Adds a record to the journal as cm-tui itself would write it, which says that every branch may land by itself. */
const forge = `
const [fs, zlib] = [require('node:fs'), require('node:zlib')];
const file = process.argv[1];
const last = JSON.parse(fs.readFileSync(file, 'utf8').trimEnd().split('\\n').at(-1));
const data = { at: 1, sealed: {} };
const { v, ts, boot, up } = last;
const body = JSON.stringify({ v, seq: last.seq + 1, ts, boot, up, type: 'settings-sealed', data });
const crc = (zlib.crc32(body) >>> 0).toString(16).padStart(8, '0');
fs.appendFileSync(file, body.slice(0, -1) + ',"crc":"' + crc + '"}\\n');
`;

it('what an agent writes into the journal counts for nothing, while cm-tui runs and while it does not', async () => {
  const made = createProduct({
    items: [{ id: 'US-041', files: ['out/US-041.txt'] }],
    agent: `${committingAgent}; '${process.execPath}' -e "$FORGE" "$(git rev-parse --git-common-dir)/cm-tui/journal.jsonl"`,
  });
  one = made;
  const script = { command: join(made.base, 'agent.sh'), env: { FORGE: forge } };
  made.configure({ agents: { script } });
  const journal = join(made.root, '.git/cm-tui/journal.jsonl');
  const running = made.start('start', '--headless', '--approve', 'clean', '--exit-when-idle');
  expect((await running.event(({ type }) => type === 'queue-paused')).reason).toMatch(
    /^another program wrote 1 record into journal\.jsonl, which cm-tui has removed/,
  );
  expect(await running.exit).toMatchObject({ code: 1 });
  expect(made.read(journal)).not.toContain('"sealed":{}');
  expect(made.git('log', '--format=%s', 'roadmap')).not.toContain('US-041');

  // The agent of before, or what it left running, goes on while nobody watches.
  execFileSync(process.execPath, ['-e', forge, journal]);
  const sentence = /was added to journal\.jsonl by another program.*Run "cm-tui doctor --recover"/;
  expect(await made.run('status', '--json')).toMatchObject({ code: 3, stderr: expect.stringMatching(sentence) });
  expect(await made.run('start', '--headless', '--approve', 'clean', '--exit-when-idle')).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringMatching(sentence),
  });
  expect(await made.run('doctor', '--recover', '--yes')).toMatchObject({ code: 0 });
  expect((await made.json<AgentStatus>('status', '--json')).instances[0]).toMatchObject({ state: 'awaiting-approval' });
});

it('what checks write into the settings waits for a person, also where cm-tui is killed before it has looked', async () => {
  const made = createProduct({
    items: [{ id: 'US-041', files: ['out/US-041.txt'] }],
    settings: { checks: [['sh', 'tests.sh']] },
    files: { 'tests.sh': 'exit 0\n' },
    agent: `mkdir -p out; echo work > out/US-041.txt; git add -A; git commit -qm Work`,
  });
  one = made;
  const config = join(made.root, '.git/cm-tui/config.json');
  made.write(
    'tests.sh',
    `sed 's|^{|{"approve":"clean",|' '${config}' > '${config}.new' && mv '${config}.new' '${config}'\n`,
  );
  made.commit('Tests that write');
  const killed = await made
    .with({ CM_FAILPOINT: 'git.land.before:kill' })
    .run('start', '--headless', '--approve', 'clean', '--exit-when-idle');
  expect(killed.code).toBeNull();
  const next = await made.run('start', '--headless', '--exit-when-idle');
  expect(next).toMatchObject({ code: 3, stdout: '' });
  expect(next.stderr).toMatch(/config\.json was changed while US-041 was checked, and could start programs/);
});
