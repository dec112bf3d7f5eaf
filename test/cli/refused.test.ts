import { afterEach, expect, test, vi } from 'vitest';
import { buildProgram } from '../../source/cli/program.ts';

afterEach(() => vi.unstubAllEnvs());

/** Every command of the program with what only looks; all others are refused to an agent, those that are added later too. */
const looks: Readonly<Record<string, readonly string[][] | 'always'>> = {
  status: 'always',
  plan: 'always',
  roadmap: 'always',
  timeline: 'always',
  logs: 'always',
  diff: 'always',
  events: 'always',
  report: 'always',
  completion: 'always',
  ids: 'always',
  review: 'always',
  asks: 'always',
  queue: [[]],
  clean: [['--dry-run']],
  doctor: [[], ['--json']],
  config: [['get'], ['path'], ['get', 'agent']],
  fleet: [[], ['--json']],
};
/** What the others take, so that nothing else stops them. */
const argumentsOf: Readonly<Record<string, readonly string[][]>> = {
  start: [['--headless'], ['--headless', '--auto', '--approve', 'clean']],
  spawn: [['--priority', 'US-1']],
  run: [['do it']],
  import: [['TASKS.md'], ['TASKS.md', '--yes']],
  cancel: [['US-1']],
  discard: [['US-1'], ['US-1', '--yes']],
  restore: [['US-1']],
  update: [['US-1']],
  pr: [[], ['US-1']],
  retarget: [['main'], ['US-1', 'main']],
  scope: [[], ['US-1'], ['--yes']],
  undo: [[], ['US-1']],
  race: [['US-1', '--agents', 'a,b']],
  pause: [[], ['on'], ['off']],
  retry: [['US-1']],
  edit: [['TASK-1', 'do it']],
  answer: [
    ['US-1', 'allow'],
    ['US-1', 'deny', '--ask', '2'],
    ['US-1', 'allow', '--always'],
  ],
  commit: [['US-1']],
  fleet: [
    ['init'],
    ['accept', 'box-1'],
    ['accept', 'box-1', '--yes'],
    ['drain', 'box-1'],
    ['resume', 'box-1'],
    ['forget', 'box-1'],
  ],
  worker: [[], ['--join', 'cm-join']],
  attach: [['US-1'], ['US-1', '--message', 'go']],
  replay: [['US-1'], ['US-1', '--json']],
  merge: [['US-1'], ['--all-clean'], ['US-1', '--to-branch', 'b']],
  queue: [['jump', 'US-1'], ['hold', 'US-1'], ['release', 'US-1'], ['requeue', 'US-1'], ['reject', 'US-1'], ['resume']],
  clean: [[], ['--yes']],
  doctor: [['--recover'], ['--recover', '--yes']],
  config: [
    ['set', 'approve', 'clean'],
    ['unset', 'checks'],
    ['edit'],
    ['trust'],
    ['trust', '0123456789abcdef'],
    ['accept'],
  ],
};
const refusal = /^Refused: this process belongs to the run of an agent, and agents have read-only access/;

const names = buildProgram().program.commands.map(command => command.name());

test.each(names.filter(name => looks[name] !== 'always'))('an agent may not: %s', async name => {
  vi.stubEnv('CM_RUN_ID', 'abcdefghijklmnop');
  for (const args of argumentsOf[name] ?? [[]]) {
    const { program } = buildProgram();
    await expect(program.parseAsync([name, ...args], { from: 'user' }), args.join(' ')).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(refusal),
    });
  }
});

test('nor may it start the program without a command', async () => {
  vi.stubEnv('CM_RUN_ID', 'abcdefghijklmnop');
  await expect(buildProgram().program.parseAsync(['--headless'], { from: 'user' })).rejects.toThrow(refusal);
});

test('what only looks is open to it', async () => {
  vi.stubEnv('CM_RUN_ID', 'abcdefghijklmnop');
  for (const [name, all] of Object.entries(looks)) {
    for (const args of all === 'always' ? [[]] : all) {
      const { program } = buildProgram();
      const command = program.commands.find(one => one.name() === name);
      let ran = false;
      command?.action(() => {
        ran = true;
      });
      const needed = command?.registeredArguments.filter(({ required }) => required).map(() => 'bash') ?? [];
      await program.parseAsync([name, ...(args.length > 0 ? args : needed)], { from: 'user' });
      expect(ran, name).toBe(true);
    }
  }
});
