import type { State } from '../../../source/coordinator/state/state.ts';
import type { Revert } from '../../../source/domain/ids.ts';
import { hasLanded, type Instance, isAlive } from '../../../source/domain/instance.ts';
import type { AgentProcess } from './machine.ts';
import { branchRef, newWorktree } from './repository/repository.ts';
import { targetName, type World } from './world.ts';

/** Something that happens in the world without the coordinator; false where there was no occasion for it. */
export type Deed = (world: World, state: State) => boolean;

/** One agent gets on with its work: it commits, or it ends because its time is over. */
export function agentWorks(world: World): boolean {
  const { machine, random, now } = world;
  const { alive } = machine;
  if (alive.length === 0) return false;
  const run = random.pick(alive);
  if (run.reverts !== undefined) return revert(world, run, run.reverts);
  if (run.endsAt > now && random.chance(0.5)) return commit(world, run);
  if (run.endsAt > now) return false;
  if (run.conduct !== 'idles' && run.conduct !== 'fails') commit(world, run);
  const worktree = world.repository.worktrees.get(run.worktreePath);
  if (run.conduct === 'leaves-dirt') worktree?.dirty.add('left\u001b[2Jover.txt');
  if (run.conduct === 'wanders-off' && worktree !== undefined) {
    worktree.detached = world.repository.tip(run.branchName);
    worktree.branch = null;
  }
  machine.end(run, run.conduct === 'fails' ? 1 : 0, now);
  return true;
}

/** As `git revert` does it: one commit, or an operation that a person has to finish. */
function revert({ repository, machine, now }: World, run: AgentProcess, { commit }: Revert): boolean {
  if (run.endsAt > now) return false;
  const head = repository.tip(run.branchName);
  const worktree = repository.worktrees.get(run.worktreePath);
  const isOn = head !== null && worktree?.exists === true && worktree.branch === run.branchName;
  const result = isOn ? repository.history.revert(head, commit) : null;
  const done = isOn && result?.outcome === 'clean' && !result.empty;
  if (done) repository.refs.set(branchRef(run.branchName), repository.history.commit([head], result.tree));
  else if (worktree !== undefined && result?.outcome === 'conflict') worktree.operation = 'revert';
  machine.end(run, done ? 0 : 1, now);
  return true;
}

function commit({ repository, random }: World, run: AgentProcess): boolean {
  const head = repository.tip(run.branchName);
  const worktree = repository.worktrees.get(run.worktreePath);
  const canCommit = head !== null && worktree?.exists === true && worktree.branch === run.branchName;
  if (!canCommit || run.conduct === 'idles') return false;
  const tree = new Map(repository.history.get(head).tree);
  const word = run.conduct === 'breaks-checks' ? 'broken' : 'work';
  for (const file of run.files) tree.set(file, `${word} ${run.runId} ${random.int(1000)}`);
  repository.refs.set(branchRef(run.branchName), repository.history.commit([head], tree));
  return true;
}

function onTarget(world: World, change: (tree: Map<string, string>) => void): boolean {
  const tip = world.repository.tip(targetName);
  if (tip === null) return false;
  const tree = new Map(world.repository.history.get(tip).tree);
  change(tree);
  world.repository.moveTarget('user', world.repository.history.commit([tip], tree));
  return true;
}

function someInstance({ random }: World, state: State, wanted: (instance: Instance) => boolean): Instance | null {
  const found = state.instances.filter(wanted);
  return found.length === 0 ? null : random.pick(found);
}

const deeds: readonly Deed[] = [
  // The user commits to the target, now and then to a file that agents change too.
  world =>
    onTarget(world, tree => tree.set(world.random.chance(0.3) ? 'shared/a.txt' : 'user.txt', `user ${world.now}`)),
  // The user has uncommitted files, or tidies up.
  ({ repository, random, now }) => {
    if (repository.dirty.size > 0 && random.chance(0.7)) repository.dirty.clear();
    else
      repository.dirty.set(
        random.pick(['shared/a.txt', 'user.txt', 'ROADMAP.md#US-001', 'src/US-001/a.txt']),
        `mine ${now}`,
      );
    return true;
  },
  ({ repository, random }) => {
    repository.userBranch = random.pick([targetName, null, 'elsewhere']);
    return true;
  },
  // The target is moved back.
  ({ repository }) => {
    const tip = repository.tip(targetName);
    const parent = tip === null ? undefined : repository.history.get(tip).parents[0];
    if (parent === undefined) return false;
    repository.moveTarget('user', parent);
    return true;
  },
  // The target is deleted, or comes back.
  ({ repository, random }) => {
    const last = repository.moves.at(-1);
    if (repository.tip(targetName) === null && last?.from != null) repository.moveTarget('user', last.from);
    else if (random.chance(0.3)) repository.moveTarget('user', null);
    else return false;
    return true;
  },
  // An agent's branch is merged by hand.
  (world, state) => {
    const { repository } = world;
    const tip = repository.tip(targetName);
    const instance = someInstance(world, state, one => one.head !== null && !hasLanded(one.state));
    const head = instance === null ? null : repository.tip(instance.branchName);
    if (tip === null || head === null) return false;
    const merge = repository.history.merge(tip, head);
    if (merge.outcome === 'conflict' || repository.history.isAncestor(head, tip)) return false;
    repository.moveTarget('user', repository.history.commit([tip, head], merge.tree));
    return true;
  },
  // Somebody commits to an agent's branch after it has ended.
  (world, state) => {
    const { repository } = world;
    const instance = someInstance(world, state, one => !isAlive(one.state) && one.head !== null);
    const head = instance === null ? null : repository.tip(instance.branchName);
    if (instance === null || head === null) return false;
    const tree = new Map(repository.history.get(head).tree).set(`src/${instance.key}/a.txt`, `mended ${world.now}`);
    repository.refs.set(branchRef(instance.branchName), repository.history.commit([head], tree));
    return true;
  },
  // A branch or a worktree of an agent is removed.
  (world, state) => {
    const instance = someInstance(world, state, one => one.base !== null);
    if (instance === null) return false;
    if (world.random.chance(0.5)) return world.repository.refs.delete(branchRef(instance.branchName));
    const worktree = world.repository.worktrees.get(instance.worktreePath);
    if (worktree === undefined) return false;
    worktree.exists = false;
    if (world.random.chance(0.3)) world.repository.worktrees.delete(instance.worktreePath);
    return true;
  },
  // Names that ours would have are taken by somebody else.
  ({ repository, random, items, now }) => {
    const slug = random.pick(items).key.slice(3);
    const tip = repository.tip(targetName);
    const path = `/home/user/shop-wt${slug}`;
    if (tip === null || repository.worktrees.has(path)) return false;
    if (random.chance(0.5) && repository.tip(`roadmap-${slug}`) === null)
      repository.refs.set(branchRef(`roadmap-${slug}`), tip);
    else repository.worktrees.set(path, newWorktree(path, null, `mine-${now}`));
    return true;
  },
  // A process is killed by something, together with whoever waited for its exit code.
  ({ machine, random, now }) => {
    if (machine.alive.length === 0) return false;
    machine.end(random.pick(machine.alive), null, now);
    return true;
  },
];

export function someDeed(world: World, state: State): boolean {
  return world.random.pick(deeds)(world, state);
}
