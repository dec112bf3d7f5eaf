import { cpSync, renameSync, rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createFailingGit,
  type FailingGit,
  honestWords,
  realGitFolder,
  type WayToFail,
} from '../helpers/git/failing-git.ts';
import {
  committingAgent,
  createProduct,
  type HeadlessEvent,
  type Product,
  type ProgramResult,
} from '../helpers/programs/product.ts';
import { isLong } from '../helpers/tiers.ts';
import { headless, journalEvents } from './invariants.ts';

/**
 * The built program starts, undoes, lands again and cleans, while the k-th of all calls of git that it makes for that gives no answer,
 * once or from there on. What it concludes then, or when the same is asked for again with nothing in its way, is what it concludes
 * undisturbed, and whatever else it says on the way names how git ended. By default a few calls of each are tried; the long form
 * (`npm run test:faults`) tries every one; `CM_SWEEP=2/5` the second of every five.
 */
interface Step {
  readonly name: string;
  readonly args: readonly string[];
}

const steps: readonly Step[] = [
  { name: 'start', args: headless },
  { name: 'undo', args: ['undo', 'US-041'] },
  { name: 'land', args: ['merge', 'US-041'] },
  { name: 'clean', args: ['clean', '--yes'] },
];

/** The plain tier tries the first two. */
const tiers = isLong ? steps : steps.slice(0, 2);

/** Everything of a step that a person or a script can see. */
interface Seen {
  readonly code: number | null;
  readonly runs: unknown;
  readonly paused: unknown;
  readonly log: string;
  readonly tree: string;
  readonly checkout: string;
  readonly mine: string;
  readonly branches: string;
  readonly worktrees: string;
  readonly refs: string;
}

interface Undisturbed {
  readonly calls: number;
  readonly seen: Seen;
  readonly sentences: ReadonlySet<string>;
}

const userText = 'the user is in the middle of this\n';
const ways: readonly WayToFail[] = ['kill', 'after', 'noise', 'silent', 'chatter'];
const undisturbed = new Map<string, Undisturbed>();
let product: Product;
let failing: FailingGit;
let tried = 0;

const before = (step: Step) => `${product.base}-before-${step.name}`;

beforeAll(async () => {
  product = createProduct({
    items: [{ id: 'US-041', files: ['out/'] }],
    settings: { checks: [['true']], checkEarly: false },
    agent: `PATH="${realGitFolder}:$PATH"\n${committingAgent}`,
    files: { 'mine.txt': 'as it was\n' },
  });
  product.write('mine.txt', userText);
  failing = createFailingGit(product.base);
  for (const step of tiers) {
    cpSync(product.base, before(step), { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    const result = await disturbed(step, null);
    undisturbed.set(step.name, { calls: failing.all(), seen: await look(result), sentences: sentencesOf(result) });
  }
}, 300_000);

afterAll(() => {
  console.log(`Every call of git: ${tried} gave no answer.`);
  for (const step of tiers) rmSync(before(step), { recursive: true, force: true });
  product?.cleanup();
});

interface At {
  readonly call: number;
  readonly how: WayToFail;
  readonly always: boolean;
}

function disturbed({ args }: Step, at: At | null): Promise<ProgramResult> {
  const env = failing.environment({}, at ?? { call: 0, how: 'kill', always: false });
  const variables = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value ?? '']));
  const running = product.with({ ...variables, PATH: `${failing.folder}:${product.env.PATH}` }).start(...args);
  // What never ends shows as an end by a signal, in which no undisturbed run ends.
  const limit = setTimeout(() => running.kill('SIGKILL'), 240_000);
  return running.exit.finally(() => clearTimeout(limit));
}

/** The repository, its worktrees and its state as they were before a step, at the same place. */
function restore(step: Step): void {
  const away = `${product.base}-away`;
  renameSync(product.base, away);
  cpSync(before(step), product.base, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  rmSync(away, { recursive: true, force: true });
}

async function look({ code }: ProgramResult): Promise<Seen> {
  interface Status {
    readonly instances: readonly Readonly<Record<string, unknown>>[];
    readonly queuePaused: unknown;
  }
  const { instances, queuePaused } = await product.json<Status>('status', '--json');
  return {
    code,
    runs: instances.map(({ priorityId, state, reason, outcome, landed }) => ({
      priorityId,
      state,
      reason,
      outcome,
      landed: landed === null ? null : typeof landed,
    })),
    paused: queuePaused,
    log: product.git('log', '--topo-order', '--format=%s', 'roadmap'),
    tree: product.git('ls-tree', '-r', '--name-only', 'roadmap'),
    checkout: product.git('status', '--porcelain'),
    mine: product.read('mine.txt'),
    branches: product.git('branch', '--format=%(refname:short)'),
    worktrees: product.git('worktree', 'list', '--porcelain').replace(/^HEAD .*$|(?<=^locked cm-tui ).*$/gm, ''),
    refs: product.git('for-each-ref', '--format=%(refname)', 'refs/cm').replace(/(?<=refs\/cm\/backup\/)\d+/g, 'then'),
  };
}

/** What was said, on the terminal and in the journal, without ids, times and counts. */
function sentencesOf({ stdout, stderr }: ProgramResult): ReadonlySet<string> {
  const events = stdout
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as HeadlessEvent);
  const records = journalEvents(product).filter(one => one.type !== 'coordinator-stopped');
  const texts = [
    ...events.filter(one => one.type !== 'coordinator-stopped'),
    ...records.map(({ data }) => data),
  ].flatMap(({ text, message, reason, detail, queuePaused }) =>
    [text, message, reason, detail, queuePaused].filter((one): one is string => typeof one === 'string'),
  );
  const plain = [stdout, stderr]
    .flatMap(output => output.split('\n'))
    .filter(line => line !== '' && !line.startsWith('{'));
  return new Set([...texts, ...plain].map(line => line.replace(/\b[0-9a-f]{7,64}\b|\d+(?= B | old|m\d)|\d+s/g, '#')));
}

/** What is wrong with a step that was disturbed; empty: nothing. */
async function faultsOf(step: Step, at: At): Promise<readonly string[]> {
  restore(step);
  const known = undisturbed.get(step.name);
  if (known === undefined) throw new Error(`${step.name} was never tried undisturbed`);
  const first = await disturbed(step, at);
  const failed = failing.failed();
  tried += failed.length;
  const where = `${step.name}, call ${at.call} (${failed.slice(0, 3).join(' ')}) ${at.how}${at.always ? ' from there on' : ''}`;
  const said = [...sentencesOf(first)].filter(line => !known.sentences.has(line) && !isHonest(line));
  let seen = await look(first);
  if (at.always) {
    for (let tries = 2; tries > 0 && !isDeepStrictEqual(seen, known.seen); tries--) {
      seen = await look(await product.run(...step.args));
    }
  }
  const names = Object.keys(known.seen) as (keyof Seen)[];
  // Asked for again, there may be nothing left to do: the next look has found that it was done.
  const other = names.filter(
    name => !isDeepStrictEqual(seen[name], known.seen[name]) && !(at.always && name === 'code'),
  );
  // For want of an answer it may have been left to a person, who is told why.
  const isLeft = at.always && isHonest(JSON.stringify([seen.paused, seen.runs]));
  return [
    ...said.map(line => `${where}: said ${line}`),
    ...(isLeft && seen.mine === userText
      ? []
      : other.map(name => `${where}: ${name} ${JSON.stringify([known.seen[name], seen[name]])}`)),
  ];
}

function isHonest(sentence: string): boolean {
  return honestWords.test(sentence) || /^git does not answer any more|^US-041 is ready for review\.$/.test(sentence);
}

/** `CM_SWEEP=2/5`: the second of every five. */
function callsOf(step: Step): readonly number[] {
  const calls = undisturbed.get(step.name)?.calls ?? 0;
  const every = Array.from({ length: calls }, (_, n) => n + 1);
  const [part, parts] = (process.env.CM_SWEEP ?? '1/1').split('/').map(Number);
  if (isLong) return every.filter(call => call % (parts ?? 1) === (part ?? 1) % (parts ?? 1));
  return [Math.ceil(calls / 2)];
}

describe('a git that gives no answer to one call, or to none from there on', { timeout: 300_000 }, () => {
  test('undisturbed, everything is done', () => {
    for (const step of tiers)
      expect(undisturbed.get(step.name), step.name).toMatchObject({ seen: { code: 0, mine: userText, paused: null } });
    if (isLong) expect(undisturbed.get('clean')?.seen).toMatchObject({ branches: 'roadmap' });
  });

  test.each(tiers)('$name concludes the same, or says how git ended', { timeout: 14_400_000 }, async step => {
    const wrong: string[] = [];
    for (const call of callsOf(step)) {
      for (const always of isLong ? [false, true] : [steps.indexOf(step) % 2 === 1]) {
        const how = ways[(call + (always ? 2 : 0)) % ways.length] ?? 'kill';
        wrong.push(...(await faultsOf(step, { call, how, always })));
      }
    }
    expect(wrong).toEqual([]);
  });
});
