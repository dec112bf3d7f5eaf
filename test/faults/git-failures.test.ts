import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GitFailure } from '../../source/adapters/git/calls/answers.ts';
import { createGit, type GitAdapter } from '../../source/adapters/git/index.ts';
import { createFailingGit, type Fault, honestWords, waysToFail } from '../helpers/git/failing-git.ts';
import { createRepository, type TestRepository } from '../helpers/git/repository.ts';
import { isLong } from '../helpers/tiers.ts';

/**
 * The whole life of a run, from the first look at the repository to the clean-up, while one call of git gives no answer: the n-th of a
 * subcommand, that one alone or every one from there on. What is concluded has to be what it is without that, or an honest sentence.
 * By default many calls fail in one life, in every way; the long form (`npm run test:faults`) tries each call alone, in every way.
 */
const runId = 'abcdefgh12345678';
const roadmap = '# Roadmap\n\n## US-001: Work\n\n**Status**: 📝 Planned\n';
const names = { slug: '001', branchName: 'roadmap-001', target: 'main' };
const status = { path: 'ROADMAP.md', itemKey: 'US-001', line: 3, heading: 'US-001: Work' };
const hangMs = 700;

/** What was concluded, step by step, without ids, which are others each time. */
type Conclusions = Readonly<Record<string, unknown>>;

/** A step could not be done, and says so. */
class Honest extends Error {}

function honest(message: string): Honest {
  expect(message).toMatch(honestWords);
  return new Honest(message);
}

interface Stage {
  readonly repo: TestRepository;
  readonly path: string;
  /** The adapter as it is now: one whose git may fail, or another one once every further call would. */
  git: GitAdapter;
  candidate: string;
  base: string;
  head: string;
}

/** Throws `Honest` where an outcome says that it could not be done. */
function answered<T extends { readonly outcome: string }>(result: T): T {
  const { outcome, message, reasons } = result as { outcome: string; message?: string; reasons?: readonly string[] };
  if (outcome === 'failed' || outcome === 'unknown' || outcome === 'blocked') throw honest(message ?? '');
  if (outcome === 'kept') throw honest((reasons ?? []).join(' '));
  return result;
}

const steps: Readonly<Record<string, (stage: Stage) => Promise<unknown>>> = {
  async facts({ git }) {
    const { currentBranch, problems, committer } = await git.facts();
    return { currentBranch, problems, committer };
  },
  async observe({ git }) {
    const { branches, worktrees, pins } = await git.observe('main', 'roadmap-');
    if (branches === null || worktrees === null || pins === null) throw new Honest('unknown');
    return { branches: Object.keys(branches), worktrees: worktrees.map(({ path }) => path.split('/').at(-1)) };
  },
  async createWorktree({ git, path, repo }) {
    const { outcome } = answered(await git.createWorktree({ ...names, runId, path }));
    repo.write(join(path, 'work.txt'), 'work\n');
    repo.write(join(path, 'src/new.txt'), 'new\n');
    return outcome;
  },
  async snapshot({ git, path }) {
    const snapshot = await git.snapshotWork(path);
    if (snapshot === null) throw new Honest('unknown');
    return snapshot.paths;
  },
  async inspect(stage) {
    const { git, path, repo } = stage;
    if (stage.head === '') stage.head = repo.commit('Work', path);
    const request = {
      branchName: names.branchName,
      worktreePath: path,
      base: repo.git('rev-parse', 'main'),
      target: 'main',
    };
    const { commits, files, dirty, operation, checkedOut } = await git.inspect(request);
    return { commits, files: files.map(file => file.path), dirty, operation, checkedOut };
  },
  async predict({ git, head }) {
    return answered(await git.predict('main', head)).outcome;
  },
  prepare,
  check,
  land,
  async landed({ git, candidate }) {
    const tip = await git.targetTip('main');
    return [tip === candidate, tip !== null && (await git.isAncestor(candidate, tip))];
  },
  async undo({ git, candidate, base }) {
    const request = { slug: '001', target: 'main', landed: candidate, base, branches: ['roadmap-001', 'roadmap-002'] };
    return answered(await git.undoLanding(request)).outcome;
  },
  'prepare again': prepare,
  'check again': check,
  'land again': land,
  async writeStatus({ git }) {
    if (!(await git.writeStatus({ target: 'main', status: { ...status, to: 'planned' } }))) throw new Honest('not now');
    return true;
  },
  async probeClean({ git, path, candidate, head }) {
    const { obstacles, untracked, ignored } = await git.probeClean({
      ...names,
      runId,
      worktreePath: path,
      landed: candidate,
      head,
    });
    return { obstacles, untracked, ignored };
  },
  async clean({ git, path, candidate, head }) {
    const request = { ...names, runId, worktreePath: path, landed: candidate, head, confirmedLoss: [] };
    return answered(await git.clean(request)).outcome;
  },
};

async function prepare(stage: Stage): Promise<unknown> {
  const { git, head } = stage;
  const request = { ...names, runId, head, message: 'Merge', trailers: {}, status };
  const prepared = answered(await git.prepare(request));
  if (prepared.outcome !== 'prepared') return prepared.outcome;
  stage.candidate = prepared.candidate;
  stage.base = prepared.base;
  return [prepared.outcome, prepared.statusWritten];
}

async function check({ git, candidate }: Stage): Promise<unknown> {
  const path = await git.checkoutCandidate(candidate, []);
  return [path.split('/').at(-1), await git.candidateIntact(candidate)];
}

async function land(stage: Stage): Promise<unknown> {
  const { git, base, candidate, head } = stage;
  const approved = { branchName: names.branchName, head };
  return answered(await git.land({ ...names, runId, base, candidate, approved })).outcome;
}

/** What is there in the end, for the user to see. */
function remains(repo: TestRepository): Conclusions {
  return {
    tree: repo.git('ls-tree', '-r', '--name-only', 'main'),
    roadmap: repo.git('show', 'main:ROADMAP.md'),
    log: repo.git('log', '--topo-order', '--format=%s', 'main'),
    checkout: repo.git('status', '--porcelain'),
    mine: repo.read('mine.txt'),
    branches: repo.git('branch', '--format=%(refname:short)'),
    worktrees: [...repo.git('worktree', 'list', '--porcelain').matchAll(/^worktree .*\/(\S+)$/gm)].map(
      ([, name]) => name,
    ),
    fsck: repo.git('fsck', '--no-dangling', '--no-progress'),
  };
}

interface Life {
  readonly conclusions: Conclusions;
  readonly calls: Readonly<Record<string, number>>;
  readonly fired: number;
  readonly trouble: readonly string[];
}

async function live(fault?: Fault): Promise<Life> {
  const repo = createRepository({ files: { 'ROADMAP.md': roadmap, 'mine.txt': 'as it was\n', 'a.txt': 'a\n' } });
  try {
    repo.write('mine.txt', 'the user is in the middle of this\n');
    const failing = createFailingGit(repo.base);
    const environment = failing.environment(repo.env, fault);
    const options = { root: repo.root, runtimeDir: null, integrationDir: join(repo.base, 'checks') };
    const timeoutMs = fault !== undefined && 'how' in fault && fault.how === 'hang' ? hangMs : 60_000;
    const trouble: string[] = [];
    const opened = await unless(createGit({ ...options, environment, timeoutMs }));
    if (opened instanceof Honest) trouble.push('open');
    const plain = () => createGit({ ...options, environment: repo.env });
    const stage: Stage = {
      repo,
      path: `${repo.root}-wt001`,
      git: opened instanceof Honest ? await plain() : opened,
      candidate: '',
      base: '',
      head: '',
    };
    const conclusions: Record<string, unknown> = {};
    for (const [name, step] of Object.entries(steps)) {
      let conclusion = await unless(step(stage));
      for (let tries = 5; conclusion instanceof Honest && tries > 0; tries--) {
        trouble.push(name);
        // The same is asked for again, where nothing else helps once the trouble is over.
        if (tries === 1 || (fault !== undefined && 'always' in fault && fault.always)) stage.git = await plain();
        conclusion = await unless(step(stage));
      }
      conclusions[name] = conclusion;
    }
    return {
      conclusions: { ...conclusions, ...remains(repo) },
      calls: failing.calls(),
      fired: failing.fired(),
      trouble,
    };
  } finally {
    repo.cleanup();
  }
}

/** What a step concludes, or that it says honestly that it cannot. */
async function unless<T>(step: Promise<T>): Promise<T | Honest> {
  try {
    return await step;
  } catch (error) {
    if (error instanceof Honest) return error;
    if (error instanceof GitFailure) return honest(error.message);
    const { message } = error as Error;
    // A repository that cannot be found is told in a sentence of its own.
    if (/cannot be read/.test(message)) return honest(message);
    throw error;
  }
}

const ways = waysToFail.filter(how => how !== 'hang');

let undisturbed: Life;
let tried = 0;
beforeAll(async () => {
  undisturbed = await live();
}, 300_000);
afterAll(() => console.log(`Git failures: ${tried} calls of git gave no answer.`));

/** Every call in every way. A git that hangs is waited for, so only the first of each command does. */
function faultsOf(command: string): readonly Fault[] {
  const numbers = Array.from({ length: undisturbed.calls[command] ?? 0 }, (_, n) => n + 1);
  const every = numbers.flatMap(nth =>
    ways.flatMap(how => [false, true].map(always => ({ command, nth, how, always }))),
  );
  return [...every, { command, nth: 1, how: 'hang', always: true }];
}

async function expectTheSame(fault: Fault): Promise<void> {
  const life = await live(fault);
  const where = JSON.stringify({ ...fault, trouble: life.trouble });
  expect(life.conclusions, where).toEqual(undisturbed.conclusions);
  if ('nth' in fault && !fault.always) expect(life.trouble, where).toEqual([]);
  tried += life.fired;
}

describe('a git that gives no answer leads to no conclusion that it would not come to otherwise, and to nothing lost', {
  timeout: 300_000,
}, () => {
  test('the undisturbed life of a run, with which the others are compared', () => {
    expect(undisturbed.trouble).toEqual([]);
    expect(undisturbed.conclusions).toMatchObject({ land: 'landed', undo: 'moved', clean: 'removed' });
    expect(Object.keys(undisturbed.calls).length).toBeGreaterThan(20);
  });

  test.each(isLong ? [3, 4, 7] : [7])('where every call of %i fails, in each way in turn', every =>
    expectTheSame({ every }),
  );

  test.runIf(isLong).each(['for-each-ref', 'read-tree', 'update-ref'])(
    'where %s fails for good, halfway through',
    command =>
      expectTheSame({ command, nth: 1 + Math.floor((undisturbed.calls[command] ?? 0) / 2), how: 'kill', always: true }),
  );

  test.runIf(isLong)('at every call, in every way', { timeout: 7_200_000 }, async () => {
    for (const command of Object.keys(undisturbed.calls).sort()) {
      for (const fault of faultsOf(command)) await expectTheSame(fault);
    }
  });
});
