import { initialDurableState } from '../../../source/coordinator/fold/fold.ts';
import { checksHash } from '../../../source/domain/checks.ts';
import type { Oid } from '../../../source/domain/ids.ts';
import type { Instance } from '../../../source/domain/instance.ts';
import { emptyMergeEntry } from '../../../source/domain/queue/merge-entry.ts';
import type { Settings } from '../../../source/domain/settings.ts';
import type { PrepareResult } from '../../../source/ports/git.ts';
import { makeInstance, makeItem } from './planning.ts';
import { base, look, Scene } from './scene.ts';

export interface CheckQueueOptions {
  readonly branches: number;
  /** Numbers of the branches whose changes fail the checks. */
  readonly red?: readonly number[];
  /** Numbers of branches that do not merge onto others: onto what holds any of `with`, or the target. */
  readonly conflict?: { readonly branch: number; readonly with: readonly number[] };
  readonly settings?: Partial<Settings>;
}

/**
 * Approved branches and checks that take a while, in memory: the core decides, and a model of git and of the checks answers. Branches are
 * numbered from 1 in the order of the queue.
 */
export class CheckQueue {
  readonly scene: Scene;
  /** The branches that each run of the checks looked at beside the target. */
  readonly checked: (readonly number[])[] = [];
  /** Where the target has been, by the branches that it held. */
  readonly tips: (readonly number[])[] = [];
  readonly #options: CheckQueueOptions;
  readonly #settings: Partial<Settings>;
  /** Commit → the branches that it holds. */
  readonly #commits = new Map<Oid, readonly number[]>([[base, []]]);

  constructor(options: CheckQueueOptions) {
    this.#options = options;
    this.#settings = { checks: [['test']], ...options.settings };
    const numbers = Array.from({ length: options.branches }, (_, index) => index + 1);
    const instances = numbers.map(queued);
    const items = numbers.map(number => makeItem(idOf(number)));
    this.scene = new Scene(items, this.#settings, { durable: { ...initialDurableState, target: 'main', instances } });
    const branches = Object.fromEntries(instances.map(one => [one.branchName, one.head ?? '']));
    this.scene.ready(look({ git: { branches: { main: base, ...branches } } }));
  }

  /** The branches that an effect under way is for, in whatever order they were started. */
  get busy(): readonly string[] {
    return this.scene.underWay;
  }

  run(number: number): Instance {
    return this.scene.run(queued(number).runId);
  }

  states(): readonly string[] {
    return Array.from({ length: this.#options.branches }, (_, index) => this.run(index + 1).state);
  }

  /** Answers everything until nothing is under way. Returns how many runs of the checks that took. */
  finish(limit = 1000): number {
    for (let step = 0; this.step(); step++) if (step > limit) throw new Error('it never ends');
    return this.checked.length;
  }

  /** Answers everything up to the first effect of that kind, which is left under way. */
  until(kind: string): void {
    for (let step = 0; !this.busy.includes(kind); step++)
      if (step > 1000 || !this.step()) throw new Error(`${kind} never started`);
  }

  /** Answers the effect that was started first. False: there is none. */
  step(): boolean {
    const [first] = Object.entries(this.scene.state.inFlight);
    if (first === undefined) return false;
    const [id, { kind, runId }] = first;
    const instance = this.scene.run(runId ?? '');
    const { merge } = instance;
    const head = merge.approvedHead ?? '';
    const send = (outcome: Parameters<Scene['answer']>[1]) =>
      void this.scene.send({ type: 'outcome', effectId: Number(id), outcome });
    const effect = this.scene.started.get(Number(id));
    const onto = effect !== undefined && 'onto' in effect ? effect.onto : base;
    switch (kind) {
      case 'git.prepare': {
        const result = this.#prepare(head, this.scene.state.targetTip ?? base);
        send({ type: 'prepared', runId: instance.runId, head, result });
        return true;
      }
      case 'batch.prepare':
        send({ type: 'batch-prepared', runId: instance.runId, head, onto, result: this.#prepare(head, onto) });
        return true;
      case 'speculate.prepare':
        send({ type: 'speculated', runId: instance.runId, head, onto, result: this.#prepare(head, onto) });
        return true;
      case 'speculate.check':
      case 'checks.run': {
        const candidate = merge.check?.candidate ?? '';
        const holds = this.#holds(candidate);
        const fails = holds.some(number => this.#options.red?.includes(number) === true);
        this.checked.push(holds.filter(number => !(this.tips.at(-1) ?? []).includes(number)));
        const commandHash = checksHash({ checks: this.#settings.checks ?? [] });
        const outcome = fails ? 'failed' : 'passed';
        send({ type: 'checked', runId: instance.runId, result: { candidate, commandHash, outcome, detail: outcome } });
        return true;
      }
      case 'git.land':
        this.tips.push(this.#holds(merge.candidate?.oid ?? ''));
        send({ type: 'landed', runId: instance.runId, result: { outcome: 'landed' } });
        return true;
      case 'git.predict':
        send({
          type: 'predicted',
          runId: instance.runId,
          head: instance.head ?? '',
          result: { outcome: 'unknown', message: 'not in this model' },
        });
        return true;
      default:
        throw new Error(`the model knows no ${kind}`);
    }
  }

  #prepare(head: Oid, onto: Oid): PrepareResult {
    const number = Number.parseInt(head, 16);
    const held = this.#holds(onto);
    const { conflict } = this.#options;
    if (conflict?.branch === number && held.some(one => conflict.with.includes(one)))
      return { outcome: 'conflict', paths: ['a.ts'] };
    const holds = [...held, number];
    const candidate = `c${this.#commits.size.toString(16).padStart(39, '0')}`;
    this.#commits.set(candidate, holds);
    const tree = `e${[...holds]
      .sort((a, b) => a - b)
      .map(one => one.toString(16))
      .join('e')}`.padEnd(40, '0');
    return { outcome: 'prepared', candidate, base: onto, statusWritten: false, tree };
  }

  #holds(oid: Oid): readonly number[] {
    const holds = this.#commits.get(oid);
    if (holds === undefined) throw new Error(`nobody made ${oid}`);
    return holds;
  }
}

function idOf(number: number): string {
  return `US-${String(number).padStart(3, '0')}`;
}

function queued(number: number): Instance {
  const head = number.toString(16).padStart(40, '0');
  const place = { queuedAt: number, jumpedAt: null, held: false, class: null, retries: 0 };
  const merge = { ...emptyMergeEntry, prediction: 'clean' as const, approvedHead: head, approvedAt: number, place };
  return makeInstance(makeItem(idOf(number)), { target: 'main', base, head, state: 'queued', merge, process: null });
}
