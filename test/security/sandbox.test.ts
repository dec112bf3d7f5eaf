import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { lockName } from '../../source/adapters/lock/lock.ts';
import { socketPlaces } from '../../source/adapters/socket/place.ts';
import { sandboxed } from '../../source/agents/launch/sandbox.ts';
import { AgentRegistry } from '../../source/agents/registry.ts';
import { launchContext } from '../helpers/programs/agent-runs.ts';
import type { AgentStatus } from '../helpers/programs/fake-agents.ts';
import { builtProgram, committingAgent, createProduct, type Product } from '../helpers/programs/product.ts';

let one: Product | null = null;

afterEach(() => {
  one?.cleanup();
  one = null;
});

const project = dirname(dirname(builtProgram));

/** Without network; wherever this program was built, it can be started inside. */
const settings = {
  sandbox: 'bwrap',
  sandboxOptions: { network: false, readable: [dirname(builtProgram), join(project, 'package.json')] },
} as const;

/** What is started for a command of the run, with the network left on. */
function started(
  made: Product,
  command: readonly string[],
): { readonly file: string; readonly args: readonly string[] } {
  const agents = {
    script: { command: 'sh', ...settings, sandboxOptions: { ...settings.sandboxOptions, network: true } },
  };
  const [file = '', ...args] = command;
  const context = launchContext({
    worktree: `${made.root}-wt041`,
    promptFile: join(made.root, '.git/cm-tui/runs/041/prompt.md'),
  });
  return sandboxed(new AgentRegistry({ agents }).require('script'), { file, args, env: {} }, context);
}

const [program = '', ...options] = [
  'bwrap',
  '--ro-bind',
  '/',
  '/',
  '--proc',
  '/proc',
  '--unshare-pid',
  '--unshare-net',
];
const tried = spawnSync(program, [...options, '--', 'true'], { encoding: 'utf8' });
const works = tried.status === 0;
if (!works)
  console.warn(`skipped: bubblewrap is not installed, or may not make namespaces here: ${tried.stderr ?? ''}`);

/** A program that says who answers under which of these names, where a leading `@` is an abstract one. */
const dialler = `
const net = require('node:net');
for (const name of process.argv.slice(1)) {
  const path = name.startsWith('@') ? '\\0' + name.slice(1) : name;
  const socket = net.connect({ path });
  let heard = '';
  // What is closed at once cannot be written to.
  socket.on('connect', () => name.startsWith('@') || socket.write('{"id":1,"type":"look"}\\n'));
  socket.on('data', bytes => { heard += bytes; socket.destroy(); });
  socket.on('error', error => console.log('no socket ' + name + ' ' + error.code));
  socket.on('close', failed => { if (!failed) console.log(heard === '' ? 'silent ' + name : 'escaped by ' + name); });
}`;

it.runIf(works)(
  'inside bubblewrap an agent works and commits, and finds neither cm-tui nor anything else that it may change',
  async () => {
    const made = createProduct({ items: [{ id: 'US-041', files: ['out/US-041.txt'] }] });
    one = made;
    const common = join(made.root, '.git');
    const state = join(common, 'cm-tui');
    const places = socketPlaces(state, made.env);
    const name = `@${lockName(process.getuid?.() ?? 0, realpathSync(common))}`;
    const escapes = [
      // In the sandbox's own /tmp it may write what it likes: nothing of it is seen outside.
      `echo x > ${made.base}/home/owned && false`,
      `echo x > ${made.base}/shop/owned && false`,
      'test -w /usr',
      'git config core.fsmonitor evil',
      `echo x > ${common}/hooks/post-merge`,
      'test "$(tail -n +3 /proc/net/dev | grep -vc "lo:")" -gt 0',
      // The state folder holds the prompt and nothing else, and cannot be written.
      `test "$(find ${state} -type f | wc -l)" -ne 1`,
      `echo x > ${state}/journal.jsonl`,
      `mkdir ${state}/callers`,
      'echo x >> "$CM_PROMPT_FILE"',
      `umount ${state}`,
      `unshare -Urm umount ${state}`,
      // Nobody else is there.
      'kill -0 "$(cat pid)"',
      'ls -l /proc/[0-9]*/exe | grep -q "/node$"',
    ].map((line, index) => `if ( ${line} ) >/dev/null 2>&1; then echo "escaped by ${index}"; fi`);
    const cm = `'${process.execPath}' '${builtProgram}'`;
    const asking = ['merge US-041', 'config set approve clean'].flatMap(words =>
      ['', 'env -u CM_RUN_ID '].map(without => `if ${without}${cm} ${words} 2>&1; then echo "escaped by ${words}"; fi`),
    );
    const script = [
      'until test -s pid; do sleep 0.02; done',
      ...escapes,
      ...asking,
      `'${process.execPath}' -e "$DIALLER" ${[...places, name].map(place => `'${place}'`).join(' ')}`,
      'test -s "$CM_PROMPT_FILE" && echo "it has its prompt"',
      'rm pid',
      // What is left behind ends with it.
      'sleep 3600 &',
      committingAgent,
    ].join('\n');
    const agent = { command: 'sh', args: ['-c', script], env: { DIALLER: dialler }, ...settings };
    made.configure({ agents: { script: agent } });
    const running = made.start('start', '--headless', '--approve', 'clean', '--exit-when-idle');
    await running.event(({ type }) => type === 'instance-started');
    expect(places.filter(existsSync)).toHaveLength(1);
    // With the network left on, the abstract name is there; it says nothing.
    const { file, args } = started(made, [process.execPath, '-e', dialler, name, ...places]);
    const dialled = spawnSync(file, args, { encoding: 'utf8', env: made.env });
    expect({ ...dialled, stdout: dialled.stdout.trim().split('\n').sort() }).toMatchObject({
      status: 0,
      stdout: [...places.map(place => `no socket ${place} ENOENT`), `silent ${name}`].sort(),
    });
    made.write(`${made.root}-wt041/pid`, `${running.pid}\n`);
    const ended = await running.exit;
    const log = (await made.run('logs', 'US-041')).stdout;
    expect({ log, ...ended }).toMatchObject({ code: 0, log: expect.not.stringContaining('escaped') });
    expect(log).toContain('it has its prompt');
    expect(log).toContain(`no socket ${name} ECONNREFUSED`);
    for (const place of places) expect(log).toContain(`no socket ${place} ENOENT`);
    const [instance] = (await made.json<AgentStatus>('status', '--json')).instances;
    expect(instance).toMatchObject({ state: 'merged', commits: 1 });
    expect([existsSync(`${made.base}/home/owned`), existsSync(`${made.base}/shop/owned`)]).toEqual([false, false]);
    expect(running.events.filter(({ type }) => type === 'queue-paused' || type === 'outside-changed')).toEqual([]);
  },
);
