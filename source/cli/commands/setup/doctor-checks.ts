import { existsSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { loadSettings } from '../../../adapters/config/index.ts';
import { currentOwner } from '../../../adapters/lock/lock.ts';
import { findProgram, type ProbeWorld } from '../../../agents/launch/probe.ts';
import { whyNotRemovable } from '../../../coordinator/runs/removal.ts';
import type { Roadmap, SourceProblem } from '../../../domain/item.ts';
import { defaultSettings, type Settings } from '../../../domain/settings.ts';
import { countOf } from '../../../domain/text/count.ts';
import { escapePath, sanitizeLine } from '../../../domain/text/sanitize.ts';
import { bytes } from '../../../ui/presentation/time.ts';
import { wrongPrograms } from '../../session/agent-check.ts';
import type { Context } from '../../session/context.ts';
import { JournalDamage } from '../../session/journal/damage.ts';
import { readJournal } from '../../session/journal/open-journal.ts';
import { knownOf } from '../../session/journal/rebuild-journal.ts';
import { readInstances } from '../../session/read-instances.ts';
import { sourcesOf } from '../../session/sources.ts';

/** `missing`: absent but optional; `problem`: nothing works until it is fixed. */
export type CheckStatus = 'ok' | 'note' | 'missing' | 'problem';

export interface Check {
  readonly name: string;
  readonly status: CheckStatus;
  /** One sentence or a short fact, sanitised; with the fix if something is wrong. */
  readonly text: string;
}

export interface WorktreeSize {
  readonly key: string;
  readonly path: string;
  readonly state: string;
  readonly bytes: number;
  /** `cm-tui clean --yes` removes it: nothing would be lost with it. */
  readonly removable: boolean;
}

/** What git says about the repository, who commits, and where work would land. */
export async function repositoryChecks(context: Context, world: ProbeWorld): Promise<readonly Check[]> {
  const { root, git, target } = context;
  const [facts, identity] = await Promise.all([git.facts(), readIdentity(root, world)]);
  const tip = target === null ? null : await git.targetTip(target);
  return [
    { name: 'repository', status: 'ok', text: escapePath(root) },
    ...facts.problems.map((text): Check => ({ name: 'repository', status: 'problem', text })),
    ...facts.remarks.map((text): Check => ({ name: 'repository', status: 'note', text })),
    ...(identity === null ? [] : [{ name: 'identity', status: 'ok', text: identity } as const]),
    ...(target === null || tip === null
      ? []
      : [{ name: 'target', status: 'ok', text: `${sanitizeLine(target, 100)} at ${tip.slice(0, 10)}` } as const]),
  ];
}

/** `Name <mail>` of the committer; null if git does not know it, which the repository check reports. */
async function readIdentity(root: string, world: ProbeWorld): Promise<string | null> {
  const git = findProgram('git', { env: world.env, cwd: root });
  if (git === null) return null;
  // As our own git calls see it: the environment may say who commits, but not which repository it is.
  const env = Object.fromEntries(
    Object.entries(world.env).flatMap(([name, value]) =>
      value === undefined || /^GIT_(?!AUTHOR_|COMMITTER_)/.test(name) ? [] : [[name, value]],
    ),
  );
  const { exitCode, output } = await world.run([git, '-C', root, 'var', 'GIT_COMMITTER_IDENT'], {
    cwd: root,
    env,
    timeoutMs: 3000,
  });
  return exitCode === 0 ? sanitizeLine(output.trim().replace(/ \d+ [+-]\d{4}$/, ''), 200) : null;
}

export async function sourceChecks(context: Context): Promise<readonly Check[]> {
  const read = await sourcesOf(context).read();
  const planned = read.roadmap.items.filter(({ status }) => status === 'planned').length;
  const wrong = wrongPrograms(context.settings, read.roadmap.items);
  return [
    read.roadmap.path === null
      ? unread(
          'ROADMAP',
          read.roadmap.problems,
          'none found. Create one with "cm-tui init", or use "cm-tui run" without one.',
        )
      : {
          name: 'ROADMAP',
          status: read.roadmap.problems.length === 0 ? 'ok' : 'note',
          text:
            emptyReason(read.roadmap) ??
            `${escapePath(read.roadmap.path)}: ${countOf(read.roadmap.items.length, 'item')}, ${planned} planned, ${counted(read.roadmap.problems)}`,
        },
    ...(read.roadmap.sources ?? []).flatMap(({ type, places, items, planned: open }): readonly Check[] =>
      type === 'roadmap'
        ? []
        : [
            {
              name: 'source',
              status: items === 0 ? 'note' : 'ok',
              text: `${type}: ${escapePath(places[0] ?? '')}${places.length > 1 ? ` and ${places.length - 1} more` : ''}, ${countOf(items, 'item')}, ${open} planned`,
            },
          ],
    ),
    ...(wrong.length === 0
      ? []
      : [
          {
            name: 'programs',
            status: 'note',
            text: `${wrong.slice(0, 5).join('; ')}${wrong.length > 5 ? '; and more' : ''}.`,
          } as const,
        ]),
    read.ownership.rules.length === 0
      ? unread('ownership', read.ownershipProblems, 'none found. Every agent may change every file in its scope.')
      : {
          name: 'ownership',
          status: read.ownershipProblems.length === 0 ? 'ok' : 'note',
          text: `${countOf(read.ownership.rules.length, 'rule')}: ${ownershipProblems(read.ownershipProblems)}`,
        },
  ];
}

function emptyReason({ items, problems }: Roadmap): string | null {
  const why = items.length > 0 ? undefined : problems.find(({ code }) => code === 'empty');
  return why === undefined ? null : sanitizeLine(why.message, 400);
}

function unread(name: string, problems: readonly SourceProblem[], otherwise: string): Check {
  const [first] = problems;
  return first === undefined
    ? { name, status: 'missing', text: otherwise }
    : { name, status: 'note', text: sanitizeLine(first.message, 400) };
}

/** No other command shows these. */
function ownershipProblems(problems: readonly SourceProblem[]): string {
  if (problems.length === 0) return 'no problems';
  return problems.map(({ message }) => sanitizeLine(message, 200)).join(' ');
}

function counted(problems: readonly SourceProblem[]): string {
  if (problems.length === 0) return 'no problems';
  return `${countOf(problems.length, 'problem')} ("cm-tui roadmap" lists those of the ROADMAP)`;
}

/** Checks that apply outside a repository too. */
export async function userSettings(): Promise<Settings> {
  const nowhere = { root: null, commonDir: join('/dev', 'null') };
  const loaded = await loadSettings({ flags: {}, env: process.env, ...nowhere }).catch(() => null);
  return loaded?.settings ?? defaultSettings;
}

/** Settings of a tracked file that wait for consent. */
export async function settingsChecks({ root, commonDir }: Context): Promise<readonly Check[]> {
  const { untrusted } = await loadSettings({ flags: {}, env: process.env, root, commonDir });
  if (untrusted === null)
    return [{ name: 'settings', status: 'ok', text: 'no tracked setting is waiting for consent' }];
  const text = `${escapePath(untrusted.path)} sets ${untrusted.keys.join(', ')}, ignored until you accept them with "cm-tui config trust".`;
  return [{ name: 'settings', status: 'note', text }];
}

/** Free space where worktrees are created. */
export async function diskCheck({ root, settings }: Context): Promise<readonly Check[]> {
  const folder = settings.worktreeRoot === null ? dirname(root) : resolve(root, settings.worktreeRoot);
  const { bavail, bsize } = await statfs(nearestFolder(folder));
  const free = bavail * bsize;
  const place = `${bytes(free)} free in ${escapePath(folder)}`;
  if (free >= settings.minFreeDisk) return [{ name: 'disk', status: 'ok', text: place }];
  const text = `${place}. Nothing starts below ${bytes(settings.minFreeDisk)}. Free some space, or lower minFreeDisk.`;
  return [{ name: 'disk', status: 'problem', text }];
}

function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}

export async function coordinatorCheck({ commonDir, stateDir }: Context): Promise<readonly Check[]> {
  const owner = await currentOwner({ commonDir, stateDir });
  switch (owner.kind) {
    case 'none':
      return [{ name: 'coordinator', status: 'ok', text: 'not running; start it with "cm-tui"' }];
    case 'owned':
      return [
        {
          name: 'coordinator',
          status: owner.answers ? 'ok' : 'note',
          text: `pid ${owner.pid}, since ${new Date(owner.since).toISOString()}${owner.answers ? '' : '; not responding: resume it with fg, or stop it'}`,
        },
      ];
    case 'unknown':
      return [{ name: 'coordinator', status: 'note', text: sanitizeLine(owner.message, 600) }];
  }
}

export async function journalCheck(context: Context): Promise<readonly Check[]> {
  const load = await readJournal(context);
  if (load.outcome === 'damaged') {
    return [{ name: 'journal', status: 'problem', text: new JournalDamage(load).message }];
  }
  const size = await stat(join(context.stateDir, 'journal.jsonl')).catch(() => null);
  if (size === null) return [{ name: 'journal', status: 'ok', text: 'not started yet' }];
  const { instances } = knownOf(load);
  const remarks = [...(load.remarks ?? []), ...(load.tornTail ? ['Its last record is incomplete.'] : [])];
  return [
    {
      name: 'journal',
      status: 'ok',
      text: `intact, ${bytes(size.size)}, ${countOf(instances.length, 'run')}`,
    },
    ...remarks.map((text): Check => ({ name: 'journal', status: 'note', text: sanitizeLine(text, 400) })),
  ];
}

/** Sizes of the worktrees that runs still have. */
export async function measureWorktrees(context: Context): Promise<readonly WorktreeSize[]> {
  const instances = await readInstances(context);
  const there = instances.filter(({ state, worktreePath }) => state !== 'cleaned' && existsSync(worktreePath));
  return Promise.all(
    there.map(async instance => {
      const { runId, slug, branchName, worktreePath, target, head, key, state, merge, setupFiles = {} } = instance;
      const place = { runId, slug, branchName, worktreePath, target, head, setupFiles };
      const probe = await context.git.probeClean({ ...place, landed: merge.landed });
      const isSpare = whyNotRemovable(instance) === null && probe.obstacles.length === 0;
      const removable = isSpare && [...probe.untracked, ...probe.ignored].length === 0;
      return { key, path: worktreePath, state, bytes: probe.size, removable };
    }),
  );
}

export function worktreesCheck(worktrees: readonly WorktreeSize[]): Check {
  const all = worktrees.reduce((sum, worktree) => sum + worktree.bytes, 0);
  const spare = worktrees.filter(({ removable }) => removable);
  const freed = spare.reduce((sum, worktree) => sum + worktree.bytes, 0);
  const hint = spare.length === 0 ? '' : `; "cm-tui clean" removes ${spare.length} of them and frees ${bytes(freed)}`;
  const count = countOf(worktrees.length, 'worktree');
  return { name: 'worktrees', status: 'ok', text: `${count}, ${bytes(all)}${hint}` };
}

/** The sentence of an error, for a person. */
export function checkMessage(error: unknown): string {
  return sanitizeLine(error instanceof Error ? error.message : String(error), 1000);
}
