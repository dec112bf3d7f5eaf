import { landRequest } from '../coordinator/landing/batch/chain.ts';
import { statusItem, statusPath } from '../coordinator/landing/status-item.ts';
import type { Effect } from '../coordinator/state/effects.ts';
import type { Outcome } from '../coordinator/state/messages.ts';
import { allItems } from '../coordinator/state/planning.ts';
import { returningReason, somePaths } from '../coordinator/state/sentences.ts';
import type { State } from '../coordinator/state/state.ts';
import { checksHash } from '../domain/checks.ts';
import { CmError, messageOf as wordsOf } from '../domain/errors.ts';
import { hasLanded, type Instance } from '../domain/instance.ts';
import type { Item } from '../domain/item.ts';
import { fillTemplate, landingWayOf, styleOfWay } from '../domain/queue/landing-style.ts';
import { foldersFor } from '../domain/scope/sparse-folders.ts';
import type { Saying } from '../ports/agents.ts';
import type { BranchesPort, BranchResult } from '../ports/branches.ts';
import type { PrepareRequest } from '../ports/git.ts';
import { commitUnlessAlive, removeRun, removeUnlanded } from './cleaning.ts';
import type { RuntimeDeps } from './deps.ts';
import { performThere } from './fleet/perform-there.ts';
import { openPullRequest } from './pull-request.ts';
import type { Beside } from './reading/beside.ts';
import { setUp } from './set-up.ts';
import { judgeBranch, lineageOf, type OwnVerdict, straysOf } from './worktrees/judge-branch.ts';

type Started = Extract<Effect, { readonly effectId: number }>;

/**
 * Performs one effect through the ports. A thrown error becomes a `failed` outcome at the caller. `leaving` ends commands that must not
 * outlive us.
 */
export async function perform(
  deps: RuntimeDeps,
  effect: Started,
  state: State,
  verdictOf: (instance: Instance) => Promise<OwnVerdict | null>,
  leaving: AbortSignal,
  beside: Beside,
): Promise<Outcome> {
  const { runId } = effect;
  const instance = state.instances.find(candidate => candidate.runId === runId);
  if (instance === undefined) throw new CmError('The run no longer exists.');
  const { git, processes } = deps;
  const { slug, branchName, worktreePath, target } = instance;
  const made = { runId, slug, branchName, path: worktreePath, target };
  switch (effect.type) {
    case 'git.createWorktree':
      // What stands in the way of that is reported with where the target stands; the run starts from what is there.
      if (state.settings.fetch === 'base') await deps.remote?.bringForward(target).catch(() => null);
      return {
        type: 'worktree',
        runId,
        result: await git.createWorktree({ ...made, ...foldersFor(deps.settings, instance) }),
      };
    case 'worktree.setup':
      return { type: 'setup', runId, ...(await setUp(deps, state.settings, instance, leaving)) };
    case 'process.start': {
      const { request, sessionId } = await deps.launcher.launch(
        instance,
        itemOf(state, instance),
        state.repository?.committer ?? null,
      );
      const process = await processes.start(request);
      return { type: 'started', runId, process, sessionId, up: deps.clock.monotonic() };
    }
    case 'process.kill': {
      const survivors = await processes.killTree(runId, slug, instance.process);
      if (survivors === 0) await git.freeRunLocks({ worktreePath, branchName }).catch(() => []);
      return { type: 'kill-finished', runId, survivors, strays: await straysOf(deps, instance) };
    }
    case 'agent.say':
      return { type: 'said', runId, problem: await say(deps, instance, effect.saying) };
    case 'git.judge':
      return judgeBranch(deps, state, instance, verdictOf);
    case 'git.predict':
      return { type: 'predicted', runId, head: effect.head, result: await git.predict(target, effect.head) };
    case 'git.prepare': {
      const request = prepareRequest(state, instance, effect.head);
      return { type: 'prepared', runId, head: effect.head, result: await git.prepare(request) };
    }
    case 'batch.prepare': {
      const { head, onto } = effect;
      const request = { ...prepareRequest(state, instance, head), onto };
      return { type: 'batch-prepared', runId, head, onto, result: await git.prepare(request) };
    }
    case 'speculate.prepare': {
      const { head: approved, onto } = effect;
      const draft = instance.merge.approvedHead === null ? { draft: true as const } : {};
      const request = { ...prepareRequest(state, instance, approved), onto, ...draft };
      return { type: 'speculated', runId, head: approved, onto, result: await git.prepare(request) };
    }
    case 'speculate.check':
    case 'checks.run':
      return { type: 'checked', runId, result: await beside.checks.run(instance) };
    case 'agent.review':
      return beside.readings.perform(instance, 'review');
    case 'agent.judge':
      return beside.readings.perform(instance, 'judge');
    case 'git.land':
      return { type: 'landed', runId, result: await git.land(landRequest(state, instance, effect)) };
    case 'git.undo': {
      const { landed, base } = effect;
      const branches = state.instances.filter(one => !hasLanded(one.state)).map(one => one.branchName);
      const request = { slug, target, landed, base, branches };
      const result = await branchesOf(deps).undoLanding(request);
      // What stands in a file has gone back with the commit.
      if (result.outcome === 'moved' && state.settings.roadmapStatus === 'commit')
        await writeOutside(deps, state, instance, 'planned');
      return { type: 'undone', runId, result };
    }
    case 'git.replay': {
      const lineage = lineageOf(state, instance);
      const update = instance.replaying?.update === true;
      const request = { runId, slug, branchName, target, head: effect.head, lineage, update };
      return { type: 'replayed', runId, result: await branchesOf(deps).replayBranch(request) };
    }
    case 'git.export': {
      const result = await exportCandidate(deps, state, instance, effect);
      return { type: 'exported', runId, branchName: effect.branchName, result };
    }
    case 'forge.open': {
      const { head } = effect;
      const opened = await openPullRequest(deps, instance, { head, item: itemOf(state, instance) });
      return { type: 'pr-answered', runId, head, ...opened };
    }
    case 'forge.comments': {
      const comments = (await deps.forge?.comments(effect.number)) ?? null;
      return { type: 'commented', runId, comments };
    }
    case 'git.push': {
      const { branch, commit } = effect;
      if (deps.remote === undefined) throw new CmError('This coordinator cannot push.');
      const instead = branch === branchName ? (instance.pushed?.commit ?? null) : null;
      return {
        type: 'pushed',
        runId,
        branch,
        commit,
        result: await deps.remote.push({ target, branch, commit, instead }),
      };
    }
    case 'git.writeStatus': {
      const status = statusOf(state, instance);
      const ok =
        status === null ? await writeOutside(deps, state, instance) : await git.writeStatus({ target, status });
      return { type: 'status-written', runId, ok };
    }
    case 'git.discard':
      return { type: 'discarded', runId, result: await removeUnlanded(deps, branchesOf(deps), instance) };
    case 'fleet.dispatch':
    case 'fleet.cancel':
    case 'fleet.home':
      return performThere(deps, effect, instance, state);
    case 'git.commitLeft': {
      const result = await commitUnlessAlive(deps, branchesOf(deps), instance, effect.head);
      return { type: 'left-committed', runId, result };
    }
    case 'git.restore': {
      const { head, saved } = effect;
      const request = { runId, slug, branchName, worktreePath, head, saved };
      return { type: 'restored', runId, result: await branchesOf(deps).restoreRun(request) };
    }
    case 'git.clean':
      return { type: 'cleaned', runId, result: await removeRun(deps, instance, effect.confirmedLoss) };
  }
}

/** Why it could not be said; null: it was. */
async function say({ conversation }: RuntimeDeps, { runId, slug }: Instance, saying: Saying): Promise<string | null> {
  if (conversation === undefined) return 'this coordinator cannot speak with agents';
  return conversation.say(runId, slug, saying).then(
    () => null,
    (error: unknown) => wordsOf(error),
  );
}

function branchesOf({ branches }: RuntimeDeps): BranchesPort {
  if (branches === undefined) throw new CmError('This coordinator can neither undo nor export.');
  return branches;
}

async function exportCandidate(
  deps: RuntimeDeps,
  state: State,
  instance: Instance,
  { head, candidate, branchName }: Extract<Started, { readonly type: 'git.export' }>,
): Promise<BranchResult> {
  const { slug, target } = instance;
  const make = (commit: string) => branchesOf(deps).createBranch({ slug, branchName, head: commit });
  if (candidate !== null) return make(candidate);
  const prepared = await deps.git.prepare(prepareRequest(state, instance, head));
  switch (prepared.outcome) {
    case 'prepared':
      return make(prepared.candidate);
    case 'empty':
      return { outcome: 'failed', message: `Everything in it is already on ${target}.` };
    case 'conflict':
      return { outcome: 'failed', message: `It conflicts with ${target}.` };
    case 'moved':
      return { outcome: 'failed', message: 'Its branch has moved. Review it again.' };
    case 'returning':
      return { outcome: 'failed', message: returningReason(instance, prepared.returning) };
    case 'unseen':
      return {
        outcome: 'failed',
        message: `It would now change ${somePaths(prepared.paths)} as well; review it again.`,
      };
    case 'failed':
      return prepared;
  }
}

function itemOf(state: State, instance: Instance): Item | undefined {
  return allItems(state).find(item => item.id === instance.priorityId);
}

/** Where the item's status line stands; null for ad-hoc items and where the repository has no ROADMAP of its own. */
function statusOf(state: State, instance: Instance): PrepareRequest['status'] {
  const found = statusItem(state, instance);
  const path = found === null || found.item.writes === 'program' ? null : statusPath(found.item, state.roadmap);
  if (found === null || path === null) return null;
  const { item, to } = found;
  const { source, name } = item;
  return {
    path,
    itemKey: item.key,
    line: item.line,
    heading: item.heading,
    ...(source === undefined ? {} : { source }),
    ...(name === undefined ? {} : { name }),
    to,
  };
}

/** Sets the status of an item that a program outside the repository keeps; false: there is no such item, or it is not possible now. */
async function writeOutside(
  { sources }: RuntimeDeps,
  state: State,
  instance: Instance,
  to?: 'planned',
): Promise<boolean> {
  const found = statusItem(state, instance);
  if (found === null || found.item.writes !== 'program' || sources.writeStatus === undefined) return false;
  return sources.writeStatus(found.item, to ?? found.to).catch(() => false);
}

function prepareRequest(state: State, instance: Instance, head: string): PrepareRequest {
  const { settings } = state;
  const { runId, slug, target, branchName, key } = instance;
  return {
    runId,
    slug,
    target,
    branchName,
    head,
    message: messageOf(settings, instance),
    trailers: { 'Cm-Task': key, 'Cm-Checks': settings.checks.length > 0 ? checksHash(settings) : 'none' },
    style: styleOfWay(landingWayOf(settings, itemOf(state, instance))),
    addTrailers: settings.trailers,
    lineage: lineageOf(state, instance),
    unseen: instance.sameAsTarget ?? [],
    status: settings.roadmapStatus === 'commit' ? statusOf(state, instance) : null,
  };
}

/** Subject and body of what lands. */
function messageOf(
  { mergeMessage, mergeBody }: State['settings'],
  { key, title, branchName, result }: Instance,
): string {
  const values = { key, title, summary: result?.message ?? '', branch: branchName };
  const body = fillTemplate(mergeBody, values).trim();
  const subject = fillTemplate(mergeMessage, values);
  return body === '' ? subject : `${subject}\n\n${body}`;
}
