import type { State } from '../../../source/coordinator/state/state.ts';
import { type Instance, isAlive } from '../../../source/domain/instance.ts';
import type { Command } from '../../../source/ports/commands.ts';
import { targetName, type World } from './world.ts';

/** A command that a person might give: one that suits what is there, or any. */
export function someCommand(world: World, state: State): Command {
  const { random } = world;
  if (state.instances.length === 0 || random.chance(0.4)) return anyCommand(world, state);
  const suitable = suitableFor(random.pick(state.instances), world);
  return suitable.length === 0 ? anyCommand(world, state) : random.pick(suitable);
}

function suitableFor(instance: Instance, { random }: World): readonly Command[] {
  const { runId: id, state, merge } = instance;
  if (isAlive(state)) return random.chance(0.3) ? [{ type: 'cancel', id }] : [];
  const inPlace: readonly Command[] = [
    { type: 'retry', id, inPlace: true },
    { type: 'resume', id, message: 'go on' },
  ];
  switch (state) {
    case 'awaiting-approval':
    case 'blocked':
    case 'checks-failed':
      return [
        approval(instance),
        approval(instance),
        { type: 'reject', id, reason: 'no' },
        { type: 'cancel', id },
        ...inPlace,
      ];
    case 'queued':
    case 'checking':
      return [
        { type: 'reject', id, reason: 'no' },
        { type: 'hold', id, held: !(merge.place?.held ?? false) },
        { type: 'jump', id },
        { type: 'requeue', id, class: random.pick([null, 'low', 'normal', 'urgent'] as const) },
      ];
    case 'merged':
      return [
        { type: 'clean', ids: [id], confirmedLoss: { [id]: ['left\u001b[2Jover.txt'] } },
        { type: 'undo', id },
      ];
    case 'cleaned':
      return [
        { type: 'spawn', id: instance.priorityId },
        { type: 'undo', id },
      ];
    default:
      return [{ type: 'retry', id }, ...inPlace];
  }
}

function approval({ runId, merge }: Instance): Command {
  return { type: 'approve', id: runId, accept: merge.violations.map(({ code, path }) => `${code} ${path}`) };
}

/** Any command for anything. */
function anyCommand({ random, items, repository, now }: World, state: State): Command {
  const id =
    state.instances.length > 0 && random.chance(0.5) ? random.pick(state.instances).runId : random.pick(items).id;
  const head = random.chance(0.2) ? (repository.tip(targetName) ?? 'none') : undefined;
  const merged = state.instances.filter(one => one.state === 'merged');
  return random.pick<() => Command>([
    () => (now % 3 === 0 ? { type: 'race', id, agents: ['demo', 'claude', 'demo'] } : { type: 'spawn', id }),
    () => ({ type: 'cancel', id }),
    () => (head === undefined ? { type: 'approve', id } : { type: 'approve', id, head }),
    () => ({
      type: 'approve',
      id,
      accept: state.instances.flatMap(one => one.merge.violations.map(v => `${v.code} ${v.path}`)),
    }),
    () => ({ type: 'approve-all' }),
    () => ({ type: 'reject', id, reason: 'not good enough' }),
    () => ({ type: 'retry', id, ...(random.chance(0.3) ? { inPlace: true } : {}) }),
    () => ({ type: 'resume', id, message: 'go on' }),
    () => ({
      type: 'clean',
      ids: random.chance(0.5) ? [] : [id],
      confirmedLoss: Object.fromEntries(merged.map(one => [one.runId, random.chance(0.5) ? ['left.txt'] : []])),
    }),
    () => ({ type: 'set-mode', mode: random.chance(0.8) ? 'auto' : 'manual' }),
    () => ({ type: 'pause', paused: random.chance(0.3) }),
    () => ({ type: 'resume-queue' }),
    () => ({ type: 'jump', id }),
    () => ({ type: 'hold', id, held: random.chance(0.5) }),
    () => ({ type: 'requeue', id, class: random.pick([null, 'low', 'normal', 'urgent'] as const) }),
    () => ({ type: 'pin', id: random.pick(items).id, pinned: random.chance(0.7) }),
    () => ({ type: 'stop-all' }),
    () => (random.chance(0.5) ? { type: 'undo' } : { type: 'undo', id }),
    () => ({ type: 'export', id, branchName: `cm/export-${random.int(3)}` }),
    () => ({ type: 'refresh' }),
    () => ({
      type: 'run',
      item: { ...random.pick(items), id: 'new', key: 'new', dependsOn: [], prompt: `task ${now}` },
    }),
  ])();
}
