import { landRequest } from '../../../source/coordinator/landing/batch/chain.ts';
import { statusItem } from '../../../source/coordinator/landing/status-item.ts';
import { landingStyleOf } from '../../../source/coordinator/landing/way.ts';
import type { Effect } from '../../../source/coordinator/state/effects.ts';
import type { Outcome } from '../../../source/coordinator/state/messages.ts';
import type { State } from '../../../source/coordinator/state/state.ts';
import { checksHash } from '../../../source/domain/checks.ts';
import type { Revert } from '../../../source/domain/ids.ts';
import { hasLanded, type Instance } from '../../../source/domain/instance.ts';
import type { CheckResult } from '../../../source/domain/queue/merge-entry.ts';
import type { ReadingPurpose } from '../../../source/domain/review/reading.ts';
import type { BranchResult } from '../../../source/ports/branches.ts';
import type { PrepareRequest } from '../../../source/ports/git.ts';
import type { FleetWorld } from './fleet.ts';
import { roadmapPath } from './repository/roadmap.ts';
import type { World } from './world.ts';

export type Started = Extract<Effect, { readonly effectId: number }>;

/** Does in the world what an effect asks for. Throws where the step itself fails, as a port would. */
export function operate(world: World, effect: Started, state: State): Outcome {
  const { runId } = effect;
  const instance = state.instances.find(candidate => candidate.runId === runId);
  if (instance === undefined) throw new Error('The run no longer exists.');
  const { repository, machine } = world;
  const { slug, branchName, worktreePath, target, head, base, merge } = instance;
  switch (effect.type) {
    case 'git.createWorktree': {
      const result = repository.createWorktree({ runId, slug, branchName, path: worktreePath, target });
      return { type: 'worktree', runId, result };
    }
    case 'worktree.setup': {
      const ok = world.calm || world.random.chance(0.9);
      return { type: 'setup', runId, ok, message: ok ? '' : 'setup "install": exit code 1' };
    }
    case 'process.start':
      return { type: 'started', runId, process: startAgent(world, instance), sessionId: `session-${slug}` };
    case 'process.kill':
      return { type: 'kill-finished', runId, survivors: kill(world, instance) };
    case 'agent.say':
      return { type: 'said', runId, problem: null };
    case 'git.judge': {
      const facts = repository.inspect({ branchName, worktreePath, base, target });
      const failed = machine.runs.get(runId)?.conduct === 'reports-failure';
      return { type: 'judged', runId, facts, result: failed ? { ok: false, message: 'could not do it' } : null };
    }
    case 'git.predict':
      return { type: 'predicted', runId, head: effect.head, result: repository.predict(target, effect.head) };
    case 'git.prepare': {
      const result = repository.prepare(prepareRequest(state, instance, effect.head));
      return { type: 'prepared', runId, head: effect.head, result };
    }
    case 'batch.prepare': {
      const { head: approved, onto } = effect;
      const result = repository.prepare({ ...prepareRequest(state, instance, approved), onto });
      return { type: 'batch-prepared', runId, head: approved, onto, result };
    }
    case 'speculate.prepare': {
      const { head: approved, onto } = effect;
      const result = repository.prepare({ ...prepareRequest(state, instance, approved), onto });
      return { type: 'speculated', runId, head: approved, onto, result };
    }
    case 'speculate.check':
    case 'checks.run':
      return { type: 'checked', runId, result: checkOnce(world, state, instance, effect.candidate) };
    case 'agent.review':
    case 'agent.judge':
      return readOnce(world, instance, effect.type === 'agent.review' ? 'review' : 'judge');
    case 'git.land':
      return { type: 'landed', runId, result: repository.land(landRequest(state, instance, effect)) };
    case 'git.undo': {
      const { landed, base: before } = effect;
      const branches = state.instances.filter(one => !hasLanded(one.state)).map(one => one.branchName);
      const result = repository.undoLanding({ slug, target, landed, base: before, branches }, runId);
      return { type: 'undone', runId, result };
    }
    case 'git.replay':
      return {
        type: 'replayed',
        runId,
        result: repository.replay({
          branchName,
          target,
          head: effect.head,
          base: base ?? effect.head,
          update: instance.replaying?.update === true,
        }),
      };
    case 'git.export':
      return {
        type: 'exported',
        runId,
        branchName: effect.branchName,
        result: exportTo(world, state, instance, effect),
      };
    case 'forge.open':
    case 'forge.comments':
      throw new Error('There is no forge in this world.');
    case 'git.push': {
      const { branch, commit } = effect;
      return { type: 'pushed', runId, branch, commit, result: { outcome: 'pushed', remote: 'origin' } };
    }
    case 'git.writeStatus': {
      const status = statusOf(state, instance);
      return {
        type: 'status-written',
        runId,
        ok: status !== null && repository.writeStatus({ target, status }, runId),
      };
    }
    case 'fleet.dispatch':
      fleetOf(world).dispatch(instance);
      return { type: 'dispatched', runId, epoch: instance.remote?.epoch ?? 0, problem: null };
    case 'fleet.cancel': {
      const epoch = instance.remote?.epoch ?? 0;
      return { type: 'fleet-cancelled', runId, epoch, result: fleetOf(world).cancel(instance) };
    }
    case 'fleet.home': {
      const late = effect.late === true;
      const epoch = late ? -1 : (instance.remote?.epoch ?? 0);
      return { type: 'came-home', runId, epoch, ...fleetOf(world).bringHome(instance, late) };
    }
    case 'git.commitLeft':
      throw new Error('Nobody commits for an agent in this world.');
    case 'git.restore':
      return { type: 'restored', runId, result: repository.restore(branchName, effect.head) };
    case 'git.discard':
      throw new Error('Nobody discards anything in this world.');
    case 'git.clean': {
      const { confirmedLoss } = effect;
      const names = { runId, slug, branchName, worktreePath, target, head, landed: merge.landed };
      return { type: 'cleaned', runId, result: repository.clean({ ...names, confirmedLoss }) };
    }
  }
}

function fleetOf({ fleet }: World): FleetWorld {
  if (fleet === null) throw new Error('There are no other machines in this world.');
  return fleet;
}

function exportTo(
  { repository }: World,
  state: State,
  instance: Instance,
  { head, candidate, branchName }: Extract<Started, { readonly type: 'git.export' }>,
): BranchResult {
  if (candidate !== null) return repository.createBranch(branchName, candidate);
  const prepared = repository.prepare(prepareRequest(state, instance, head));
  return prepared.outcome === 'prepared'
    ? repository.createBranch(branchName, prepared.candidate)
    : { outcome: 'failed', message: `It is ${prepared.outcome}.` };
}

function prepareRequest(state: State, instance: Instance, head: string): PrepareRequest {
  const { runId, slug, target, branchName, key } = instance;
  const { settings } = state;
  const status = settings.roadmapStatus === 'commit' ? statusOf(state, instance) : null;
  return {
    runId,
    slug,
    target,
    branchName,
    head,
    message: `Merge ${key}`,
    trailers: {},
    style: landingStyleOf(state, instance),
    status,
  };
}

function statusOf(state: State, instance: Instance): PrepareRequest['status'] {
  const found = statusItem(state, instance);
  if (found === null) return null;
  const { key, line, heading } = found.item;
  return { path: roadmapPath, itemKey: key, line, heading, to: found.to };
}

function startAgent(world: World, instance: Instance) {
  const { random, machine, now } = world;
  if (instance.reverts !== undefined) return startRevert(world, instance, instance.reverts);
  const conduct = world.calm || random.chance(0.7) ? 'works' : random.pick(world.conducts);
  const { runId, worktreePath, branchName, scope, key } = instance;
  const files = (scope.paths.length > 0 ? scope.paths : [`src/${key}/`]).map(folder => `${folder}a.txt`);
  if (!world.calm && random.chance(0.05)) files.push('shared/a.txt');
  const hangs = !world.calm && random.chance(0.05);
  const endsAt = hangs ? Number.POSITIVE_INFINITY : now + 500 + random.int(12_000);
  return machine.start({ runId, worktreePath, branchName, conduct, files, endsAt }).identity;
}

/** Git takes a landing back, at once or a little later. */
function startRevert({ random, machine, now }: World, { runId, worktreePath, branchName }: Instance, reverts: Revert) {
  const endsAt = now + random.int(1000);
  return machine.start({ runId, worktreePath, branchName, conduct: 'works', files: [], endsAt, reverts }).identity;
}

/** Ends what belongs to the run; what hangs in the kernel survives. */
function kill({ machine, random, calm, now }: World, { runId }: Instance): number {
  const run = machine.runs.get(runId);
  if (run === undefined || !run.alive) return 0;
  if (!calm && random.chance(0.05)) return 1;
  machine.end(run, random.chance(0.5) ? 130 : null, now);
  return 0;
}

/** An agent that reads: it finds nothing, or something, or gives no answer. Once there is calm, it finds nothing. */
function readOnce({ random, calm }: World, { runId, readings, files }: Instance, purpose: ReadingPurpose): Outcome {
  const number = readings?.[purpose]?.number ?? 0;
  const said = { words: 'It is well done.', findings: [], usage: null, changed: false, limit: null } as const;
  if (calm || random.chance(0.4)) return { type: 'read', runId, purpose, number, result: { ...said, outcome: 'done' } };
  if (random.chance(0.4)) {
    const limit = random.chance(0.5) ? { until: null } : null;
    const words = random.pick(['exit code 1', 'HTTP 503 service unavailable']);
    return { type: 'read', runId, purpose, number, result: { ...said, outcome: 'failed', words, limit } };
  }
  const path = files[0]?.path ?? 'src/a.txt';
  const finding = { path, side: 'new', from: 1, to: 1, quote: [], text: 'This is wrong.' } as const;
  const findings = purpose === 'review' ? [finding] : [];
  const changed = random.chance(0.1);
  return { type: 'read', runId, purpose, number, result: { ...said, outcome: 'done', findings, changed } };
}

/** Checks that were under way when the coordinator was killed are found under their number, and not run again. */
function checkOnce(world: World, state: State, { runId, merge }: Instance, candidate: string): CheckResult {
  const name = `${runId} ${merge.check?.number} ${candidate}`;
  const known = world.checks.get(name);
  const result = known ?? check(world, state, candidate);
  world.checks.set(name, result);
  return result;
}

function check({ random, calm, repository, passed }: World, state: State, candidate: string): CheckResult {
  const commandHash = checksHash(state.settings);
  const tree = repository.history.treeOf(candidate);
  const broken = [...repository.history.get(candidate).tree.values()].some(content => content.startsWith('broken'));
  if (!calm && random.chance(0.1)) return { candidate, tree, commandHash, outcome: 'error', detail: 'took too long' };
  if (broken) return { candidate, tree, commandHash, outcome: 'failed', detail: '"test": exit code 1' };
  passed.add(`${tree} ${commandHash}`);
  return { candidate, tree, commandHash, outcome: 'passed', detail: '1 checks passed' };
}
