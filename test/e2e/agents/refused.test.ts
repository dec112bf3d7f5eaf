import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { AgentStatus } from '../../helpers/programs/fake-agents.ts';
import { builtProgram, createProduct, type Product } from '../../helpers/programs/product.ts';
import { eventually } from '../../helpers/programs/survivors.ts';

let one: Product | null = null;

afterEach(() => {
  one?.cleanup();
  one = null;
});

/** The ways in which it may try; `$CM` is the program, `$SHOP` the repository. */
const ways: Readonly<Record<string, string>> = {
  plain: '$CM undo',
  start: 'env -u CM_RUN_ID $CM start --headless --auto --approve clean',
  settings: 'CM_RUN_ID= $CM config set approve clean',
  nohup: 'env -i PATH="$PATH" HOME="$HOME" nohup $CM merge US-041',
  elsewhere: 'cd / && env -i PATH="$PATH" HOME="$HOME" setsid -f -w $CM merge US-041 --repo "$SHOP"',
  terminal: 'env -u CM_RUN_ID script -qec "$CM merge US-041" /dev/null',
  python:
    "env -u CM_RUN_ID python3 -c \"import os, subprocess, sys; sys.exit(subprocess.call(sys.argv[1:], env={'PATH': os.environ['PATH'], 'HOME': os.environ['HOME']}, start_new_session=True))\" $CM merge US-041",
};

/** A client of its own making: it introduces itself as the protocol wants it, or as another process. */
const handMade = `
import fs from 'node:fs';
import net from 'node:net';
const [stateDir, as] = process.argv.slice(2);
const socket = net.connect(fs.readFileSync(stateDir + '/control.path', 'utf8').trim());
const lines = [];
let id = 0;
const ask = question => new Promise(resolve => { lines.push(resolve); socket.write(JSON.stringify({ id: ++id, ...question }) + '\\n'); });
let rest = '';
socket.on('data', chunk => {
  const parts = (rest + chunk).split('\\n');
  rest = parts.pop();
  for (const part of parts) { const line = JSON.parse(part); if (line.type !== 'hello') lines.shift()?.(line); }
});
if (as !== 'nobody') {
  const { value } = await ask({ type: 'identify', pid: as === 'itself' ? process.pid : Number(as) });
  const proof = fs.openSync(stateDir + '/callers/' + value, 'w');
  await ask({ type: 'prove' });
  fs.closeSync(proof);
}
for (const command of [{ type: 'approve', id: 'US-041', by: 'user' }, { type: 'approve-all' }, { type: 'resume-queue' }, { type: 'undo' }]) {
  console.log(JSON.stringify(await ask({ type: 'command', command })));
}
socket.end();
`;

it('an agent can look at everything, and approve, undo, clean and change nothing, however it asks', async () => {
  const made = createProduct({
    items: [
      { id: 'US-041', files: ['out/US-041.txt'] },
      { id: 'US-042', files: ['out/US-042.txt'], dependsOn: [] },
    ],
    settings: { agents: { script: { command: '/bin/sh', args: ['-c', 'exec "$AGENT"'] } } },
    agent: [
      '[ "$CM_KEY" = US-042 ] || { mkdir -p out; echo x > out/US-041.txt; git add -A; git commit -qm x; exit 0; }',
      'answer() { name=$1; shift; "$@" >"$HERE/$name.said" 2>&1 </dev/null; echo "$?" >"$HERE/$name.code"; }',
      'while [ ! -e "$HERE/begin" ]; do sleep 0.1; done',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: of the shell
      'for way in "$HERE"/ways/*; do answer "way-${way##*/}" sh "$way"; done',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: of the shell
      'for line in "status --json" "diff US-041" "config get agent" "clean --dry-run"; do answer "look-${line%% *}" $CM $line; done',
      'for as in nobody itself 1 "$PERSON"; do answer "socket-$as" node "$HERE/client.mjs" "$SHOP/.git/cm-tui" "$as"; done',
      'mv "$HERE/begin" "$HERE/answered"',
      // What is left of it asks once more when no coordinator is there.
      '(while [ ! -e "$HERE/again" ]; do sleep 0.1; done; for way in elsewhere python; do answer "late-$way" sh "$HERE/ways/$way"; done; mv "$HERE/again" "$HERE/all") </dev/null >/dev/null 2>&1 &',
    ].join('\n'),
  });
  one = made;
  const here = join(made.base, 'answers');
  mkdirSync(join(here, 'ways'), { recursive: true });
  for (const [name, way] of Object.entries(ways)) writeFileSync(join(here, 'ways', name), `${way}\n`);
  writeFileSync(join(here, 'client.mjs'), handMade);
  const env = {
    AGENT: join(made.base, 'agent.sh'),
    CM: `${process.execPath} ${builtProgram}`,
    HERE: here,
    SHOP: made.root,
    PERSON: String(process.pid),
  };
  made.configure({ agents: { script: { command: env.AGENT, env } } });
  const answers = (kind: string) =>
    readdirSync(here)
      .filter(name => name.startsWith(kind) && name.endsWith('.code'))
      .map(name => {
        const said = readFileSync(join(here, name.replace('.code', '.said')), 'utf8').trim();
        return { name: name.slice(kind.length, -5), code: readFileSync(join(here, name), 'utf8').trim(), said };
      });
  const refused = { code: '3', said: expect.stringMatching(/Refused: this process belongs to the run of US-042/) };

  const tip = made.git('rev-parse', 'roadmap');
  const settings = made.read('.git/cm-tui/config.json');
  const owner = made.start('start', '--headless', '--approve', 'none');
  await owner.event(
    ({ type, priorityId, state }) =>
      type === 'instance-judged' && priorityId === 'US-041' && state === 'awaiting-approval',
  );
  writeFileSync(join(here, 'begin'), '');
  await eventually(() => readdirSync(here).includes('answered'), 'the agent has asked for everything', 120_000);
  expect(answers('way-')).toHaveLength(Object.keys(ways).length);
  for (const answer of answers('way-')) expect(answer).toMatchObject(refused);
  const looks = answers('look-').map(({ name, code }) => `${name} ${code}`);
  expect(looks.sort()).toEqual(['clean 0', 'config 0', 'diff 0', 'status 0']);
  const bySocket = answers('socket-');
  expect(bySocket).toHaveLength(4);
  for (const { said } of bySocket)
    expect(said.split('\n').map(line => JSON.parse(line).type)).toEqual(Array(4).fill('refusal'));
  const heard = owner.events.filter(
    ({ type, text }) => type === 'notice-raised' && /US-042 asked cm-tui to/.test(String(text)),
  );
  expect(heard.map(({ text }) => text)).toEqual(
    ['land a branch', 'land branches', 'resume landing', 'undo a landing'].map(
      what => `A process of US-042 asked cm-tui to ${what}. Refused: only you can decide that.`,
    ),
  );

  await owner.event(({ type, priorityId }) => type === 'instance-judged' && priorityId === 'US-042');
  owner.kill('SIGTERM');
  await owner.exit;
  writeFileSync(join(here, 'again'), '');
  await eventually(() => readdirSync(here).includes('all'), 'what is left of the agent has asked again', 120_000);
  expect(answers('late-')).toHaveLength(2);
  for (const answer of answers('late-')) expect(answer).toMatchObject(refused);

  expect(made.git('rev-parse', 'roadmap')).toBe(tip);
  expect(made.read('.git/cm-tui/config.json')).toBe(settings);
  expect((await made.json<AgentStatus>('status', '--json')).instances.map(({ state }) => state)).toEqual([
    'awaiting-approval',
    'no-work',
  ]);
  // The very same words of a person, in a shell of their own, land it.
  expect(await made.run('merge', 'US-041')).toMatchObject({ code: 0 });
});
