import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Word } from '../../adapters/fleet/wire.ts';
import { openWorkerLink, type WorkerLink } from '../../adapters/fleet/worker-link.ts';
import { createMutex } from '../../adapters/git/context.ts';
import { openWorkerGit, type WorkerGit } from '../../adapters/git/depot/worker-git.ts';
import { messageOf } from '../../domain/errors.ts';
import { dispatchId } from '../../domain/fleet/remote-run.ts';
import type { Dispatch } from '../../ports/fleet/fleet.ts';
import { type HeldRun, HeldRuns } from './held-runs.ts';
import { isOver, lastWord, saidSoFar } from './say.ts';
import type { WorkerFile } from './worker-file.ts';
import { openWorkerRuntime, type WorkerRuntime } from './worker-runtime.ts';

const beatMs = 5000;
/** What was said is said again this often until it is forgotten, in case the engine lost it. */
const repeatMs = 30_000;
const restMs = 5 * 60_000;

export interface WorkerOptions {
  readonly file: WorkerFile;
  readonly insecure: boolean;
  readonly version: string;
  readonly say: (sentence: string) => void;
}

/** One worker: takes runs, does them with the code that runs local agents, and brings what they made into the depot. */
export class FleetWorker {
  readonly #options: WorkerOptions;
  readonly #link: WorkerLink;
  readonly #held: HeldRuns;
  readonly #git: WorkerGit;
  readonly #cache: string;
  #runtime: Promise<WorkerRuntime> | null = null;
  /** The same, once it is there. */
  #opened: WorkerRuntime | null = null;
  /** One run at a time begins: all begin from the same branch. */
  readonly #beginning = createMutex();
  readonly #claiming = new Set<string>();
  readonly #ending = new Set<string>();
  readonly #said = new Map<string, number>();
  readonly #taking: ReturnType<WorkerLink['takeRuns']>;
  #draining = false;
  #refusedInRow = 0;
  #restsUntil = 0;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  #release: () => void = () => undefined;
  /** Resolves when it has drained. */
  readonly done = new Promise<void>(resolve => (this.#release = resolve));

  static async open(options: WorkerOptions): Promise<FleetWorker> {
    const { file } = options;
    mkdirSync(file.folder, { recursive: true, mode: 0o700 });
    const cache = join(file.folder, 'cache.git');
    const git = await openWorkerGit(cache, file.join.depot, file.name);
    return new FleetWorker(options, git, cache);
  }

  private constructor(options: WorkerOptions, git: WorkerGit, cache: string) {
    const { file, insecure } = options;
    this.#options = options;
    this.#git = git;
    this.#cache = cache;
    this.#held = new HeldRuns(join(file.folder, 'held'));
    this.#link = openWorkerLink(file, insecure);
    this.#link.hear(word => this.#hear(word));
    this.#taking = this.#link.takeRuns(file.pools, dispatch => this.#take(dispatch));
    void this.#continue();
    void this.#beat();
  }

  /** Finishes what it has and takes no more. */
  drain(): void {
    if (!this.#draining) this.#options.say('Draining: no more runs are taken; those at work finish.');
    this.#draining = true;
    this.#makeRoom();
    this.#endIfDrained();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#link.close();
    this.#opened?.close();
  }

  async #hear(word: Word): Promise<void> {
    if (!this.#options.file.isNewest(word))
      return this.#options.say(`The word "${word.word}" came again after a later one, and does not count.`);
    switch (word.word) {
      case 'welcome':
      case 'leave':
        this.#options.file.welcome(word.word === 'welcome');
        break;
      case 'drain':
        return this.drain();
      case 'work':
        this.#draining = false;
        break;
      case 'forget':
        return this.#forget(dispatchId(word.runId, word.epoch));
      case 'cancel': {
        const local = this.#held.find(dispatchId(word.runId, word.epoch))?.localRun ?? null;
        if (local !== null) await (await this.#open()).runtime.send({ type: 'cancel', id: local });
      }
    }
    this.#makeRoom();
    await this.#sign();
  }

  /** A dispatch was delivered, perhaps not for the first time. */
  async #take(dispatch: Dispatch): Promise<void> {
    const id = dispatchId(dispatch.runId, dispatch.epoch);
    if (this.#held.find(id) !== undefined || this.#draining) return;
    if (this.#held.wasHere(id))
      return this.#options.say(`${dispatch.key} (${id}) was here before, and is not begun again.`);
    try {
      await this.#git.takeBase(dispatch.base);
      const { runId, epoch, base } = dispatch;
      const sign = (words: string) => this.#options.file.signer.seal(words);
      const claim = await this.#git.makeClaim({ runId, epoch, base, nonce: randomBytes(8).toString('hex'), sign });
      const run = { dispatch, claim, claimed: false, localRun: null, refused: null, ended: null };
      await this.#claim(this.#held.save(run));
    } catch (error) {
      this.#options.say(`${dispatch.key} was not taken: ${messageOf(error)}`);
      this.#held.forget(id);
    }
  }

  /** Whose it is, the depot says. Without an answer it is asked again at the next beat. */
  async #claim(run: HeldRun): Promise<void> {
    const { runId, epoch, key } = run.dispatch;
    const id = dispatchId(runId, epoch);
    if (this.#claiming.has(id)) return;
    this.#claiming.add(id);
    const answer = await this.#git.pushClaim(runId, epoch, run.claim).finally(() => this.#claiming.delete(id));
    if (answer === 'lost') {
      this.#held.forget(id);
      return this.#makeRoom();
    }
    if (answer === 'unreachable') return;
    this.#options.say(`${key} is ours (${id}).`);
    const claimed = this.#held.save({ ...run, claimed: true });
    this.#makeRoom();
    await this.#report(claimed, 'claimed', { what: 'claimed' });
    await this.#beginning(() => this.#begin(claimed));
  }

  async #begin(run: HeldRun): Promise<void> {
    const { dispatch } = run;
    try {
      await this.#git.takeBase(dispatch.base);
      if (dispatch.committer !== null) await this.#git.setCommitter(dispatch.committer);
      const begun = await (await this.#open()).begin(dispatch);
      if ('problem' in begun) return await this.#refuse(run, begun.problem);
      this.#held.save({ ...run, localRun: begun.runId });
      this.#refusedInRow = 0;
    } catch (error) {
      await this.#refuse(run, messageOf(error));
    }
  }

  /** Given back before its agent began; after two in a row this worker rests, so that items go elsewhere. */
  async #refuse(run: HeldRun, why: string): Promise<void> {
    this.#options.say(`${run.dispatch.key} is given back: ${why}`);
    this.#refusedInRow += 1;
    if (this.#refusedInRow >= 2) this.#restsUntil = performance.now() + restMs;
    this.#makeRoom();
    const refused = this.#held.save({ ...run, refused: why });
    await this.#report(refused, 'refused', { what: 'refused', why: why.slice(0, 900) });
  }

  async #forget(id: string): Promise<void> {
    const run = this.#held.find(id);
    if (run === undefined) return;
    if (run.localRun !== null) await (await this.#open()).runtime.send({ type: 'discard', ids: [run.localRun] });
    this.#held.close(id);
    this.#makeRoom();
    this.#endIfDrained();
  }

  /** After a restart of this worker: what it held continues where it was. */
  async #continue(): Promise<void> {
    if (this.#held.all.some(({ localRun }) => localRun !== null)) await this.#open();
    for (const run of this.#held.all) {
      if (!run.claimed) await this.#claim(run);
      else if (run.localRun === null && run.refused === null) await this.#beginning(() => this.#begin(run));
    }
    this.#makeRoom();
  }

  #open(): Promise<WorkerRuntime> {
    const { file } = this.#options;
    const folder = join(file.folder, 'work');
    this.#runtime ??= openWorkerRuntime(this.#cache, folder, this.#held, file.settings).then(
      opened => {
        this.#opened = opened;
        opened.runtime.subscribe(() => void this.#sayAll(false));
        return opened;
      },
      (error: unknown) => {
        this.#runtime = null;
        throw error;
      },
    );
    return this.#runtime;
  }

  /** What has come about since, or with `again` all of it. */
  async #sayAll(again: boolean): Promise<void> {
    if (this.#closed) return;
    for (const run of this.#held.all) {
      if (run.refused !== null && again) await this.#report(run, 'refused', { what: 'refused', why: run.refused });
      if (run.localRun === null || this.#opened === null) continue;
      const { runtime } = this.#opened;
      const instance = runtime.state().instances.find(one => one.runId === run.localRun);
      if (instance === undefined) continue;
      for (const [name, said] of saidSoFar(instance)) await this.#report(run, name, said);
      if (isOver(instance)) await this.#bring(run);
    }
  }

  /** Into the depot first; the word of it follows. */
  async #bring(run: HeldRun): Promise<void> {
    const { runId, epoch, base } = run.dispatch;
    const id = dispatchId(runId, epoch);
    if (this.#ending.has(id)) return;
    this.#ending.add(id);
    try {
      if (run.ended !== null) return await this.#report(run, 'ended', JSON.parse(run.ended));
      const { runtime, git, runsDir } = await this.#open();
      const instance = runtime.state().instances.find(one => one.runId === run.localRun);
      if (instance === undefined) return;
      const { branchName, worktreePath, target } = instance;
      const facts = await git.inspect({ branchName, worktreePath, base, target });
      const said = lastWord(instance, facts, base, runsDir);
      if (facts.dirty.length > 0) {
        const saved = await git.snapshotWork(worktreePath).catch(() => null);
        if (saved !== null) await this.#git.pushWip(runId, epoch, saved.commit).catch(() => false);
      }
      const head = said.what === 'ended' ? said.head : null;
      if (head !== null && !(await this.#git.pushResult(runId, epoch, run.claim, head))) return;
      await this.#report(this.#held.save({ ...run, ended: JSON.stringify(said) }), 'ended', said);
      this.#endIfDrained();
    } finally {
      this.#ending.delete(id);
    }
  }

  /** Once for each name, and again after a while: the same id is delivered once. */
  async #report({ dispatch }: HeldRun, name: string, said: Parameters<WorkerLink['report']>[2]): Promise<void> {
    const { runId, epoch } = dispatch;
    const id = `${dispatchId(runId, epoch)}.${name}`;
    const last = this.#said.get(id);
    if (last !== undefined && performance.now() - last < repeatMs) return;
    this.#said.set(id, performance.now());
    await this.#link.report(id, { runId, epoch }, said).catch(() => this.#said.delete(id));
  }

  async #beat(): Promise<void> {
    await this.#sign().catch(() => undefined);
    for (const run of this.#held.all) if (!run.claimed && !this.#closed) await this.#claim(run).catch(() => undefined);
    await this.#sayAll(true).catch(() => undefined);
    this.#makeRoom();
    if (!this.#closed) this.#timer = setTimeout(() => void this.#beat(), beatMs);
  }

  async #sign(): Promise<void> {
    const { file, version } = this.#options;
    const resources = this.#opened?.runtime.state().resources;
    await this.#link.beat({
      name: file.name,
      pools: [...file.pools],
      slots: file.slots,
      running: [...this.#held.ids],
      draining: this.#draining,
      welcome: file.isWelcome,
      version,
      cpuPercent: resources?.smoothedCpu ?? null,
      memoryPercent: resources?.smoothedMemory ?? null,
    });
  }

  /** Jobs that it takes at once. A job is over as soon as it is ours, so it is the runs at work that fill the slots. */
  #makeRoom(): void {
    const { file } = this.#options;
    const isResting = performance.now() < this.#restsUntil;
    const atWork = this.#held.all.filter(({ ended, refused }) => ended === null && refused === null).length;
    const room = this.#draining || isResting || !file.isWelcome ? 0 : Math.max(0, file.slots - atWork);
    // One at a time, so that an idle machine takes the next.
    this.#taking.setRoom(Math.min(1, room));
  }

  #endIfDrained(): void {
    if (this.#draining && this.#held.all.every(({ ended, refused }) => ended !== null || refused !== null))
      this.#release();
  }
}
