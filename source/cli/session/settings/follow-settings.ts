import { type LoadedSettings, sealsOf, settingsPlaces, settingsStamp } from '../../../adapters/config/index.ts';
import { livingRuns } from '../../../adapters/processes/living-runs.ts';
import { system } from '../../../adapters/system/system.ts';
import { isBeingChecked, judgeSettings, type SettingsVerdict } from '../../../coordinator/runs/settings-change.ts';
import { messageOf } from '../../../domain/errors.ts';
import type { RunId } from '../../../domain/ids.ts';
import { changeSettings, describeSettingsChange } from '../../../domain/settings/live-settings.ts';
import type { Runtime } from '../../../runtime/runtime.ts';
import { requireAgent } from '../agent-check.ts';
import { type Context, untrustedSentence } from '../context.ts';

/** How often the settings files are looked at. */
const lookMs = 1000;
/** Files that have not changed for this long have been written to their end. */
const atRestMs = 100;

/**
 * Brings settings that change while a coordinator runs into force, whoever writes them: at once where that is safe, else it says what
 * needs a restart. What could start programs or approve counts only where a person is known to have written it, as at a start. Returns the
 * function that ends it.
 */
export function followSettings(context: Context, runtime: Runtime): () => void {
  const follower = new SettingsFollower(context, runtime);
  follower.later(lookMs);
  return () => follower.stop();
}

class SettingsFollower {
  readonly #context: Context;
  readonly #runtime: Runtime;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;
  /** What was last brought into force, and what was seen since but may still be being written. */
  #used = '';
  #seen = '';
  /** Nobody is known to have written it; `config set` says who did in a moment. */
  #doubted = '';
  /** Sentences that were shown, each once. */
  readonly #said = new Set<string>();
  #isFirst = true;
  /** When the files were last seen unchanged, and whose branch was being checked then. */
  #quiet: { readonly at: number; readonly checked: RunId | null };

  constructor(context: Context, runtime: Runtime) {
    this.#context = context;
    this.#runtime = runtime;
    this.#quiet = { at: Date.now(), checked: this.#beingChecked() };
  }

  later(ms: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#look().then(next => this.later(next)), ms);
    this.#timer.unref();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Returns when to look again, in milliseconds. Does not reject. */
  async #look(): Promise<number> {
    if (!this.#runtime.state().ready) return lookMs;
    const quiet = { at: Date.now(), checked: this.#beingChecked() };
    const stamp = this.#stamp();
    if (stamp === this.#used) {
      this.#quiet = quiet;
      return lookMs;
    }
    if (stamp !== this.#seen) {
      this.#seen = stamp;
      return atRestMs;
    }
    try {
      if (await this.#bringIntoForce(stamp)) this.#used = stamp;
    } catch (error) {
      this.#used = stamp;
      this.#say('warning', `${messageOf(error)} The settings from before stay in use.`);
    }
    return lookMs;
  }

  #stamp(): string {
    const files = settingsStamp(settingsPlaces({ ...this.#place(), env: process.env }));
    return `${files} ${JSON.stringify(this.#runtime.state().sealed ?? null)}`;
  }

  /** False: to be looked at again. Throws what is wrong with the settings. */
  async #bringIntoForce(stamp: string): Promise<boolean> {
    const seals = sealsOf({ ...this.#place(), env: process.env });
    const read = await this.#context.readSettings();
    requireAgent(read.settings);
    const verdict = await this.#judge(seals);
    // What was judged has to be what was read.
    if (this.#stopped || stamp !== this.#stamp()) return false;
    const trusted = verdict.kind === 'accepted';
    const { settings, used, restart } = changeSettings(this.#context.settings, read.settings, trusted);
    if (trusted && JSON.stringify(this.#runtime.state().sealed) !== JSON.stringify(seals)) this.#runtime.seal(seals);
    if (used.length > 0) {
      this.#context.adoptSettings(settings);
      this.#runtime.adoptSettings(settings);
    }
    const fresh = restart.filter(name => this.#isNew(`${name} ${JSON.stringify(read.settings[name])}`));
    const sentence = describeSettingsChange({ used, restart: fresh });
    if (sentence !== null) this.#runtime.tell('info', sentence);
    this.#sayRemarks(read);
    if (trusted) return true;
    const isKnown = this.#doubted === stamp;
    if (isKnown) {
      this.#say('warning', verdict.message);
      this.#suspect(seals);
    }
    this.#doubted = stamp;
    return isKnown;
  }

  async #judge(seals: Readonly<Record<string, string>>): Promise<SettingsVerdict> {
    const verdict = judgeSettings(this.#runtime.state(), seals);
    if (verdict.kind === 'refused' || verdict.changed.length === 0) return verdict;
    // What an agent has left running may have changed them as well.
    const alive = await livingRuns(system().table, this.#context.stateDir);
    return judgeSettings(this.#runtime.state(), seals, alive.length > 0 || this.#checkedMeanwhile() !== null);
  }

  /** Who runs no more, as checks that have ended, is remembered until a person has accepted what was changed. */
  #suspect(seals: Readonly<Record<string, string>>): void {
    const checked = this.#checkedMeanwhile();
    const { sealed = {} } = this.#runtime.state();
    const changed = Object.entries(seals).filter(([name, stamp]) => sealed[name] !== stamp);
    if (checked === null || changed.length === 0) return;
    const changes = changed.map(([path, stamp]) => ({ tree: null, path, stamp }));
    this.#runtime.suspect(checked, { changes, work: [], onTarget: false, unknown: null });
  }

  #beingChecked(): RunId | null {
    return this.#runtime.state().instances.find(isBeingChecked)?.runId ?? null;
  }

  /** A branch whose checks may have made the change: they run what an agent wrote, and can have begun and ended since the last look. */
  #checkedMeanwhile(): RunId | null {
    const { at, checked } = this.#quiet;
    const since = this.#runtime.state().instances.find(({ merge }) => (merge.checkSpan?.from ?? 0) >= at);
    return checked ?? since?.runId ?? this.#beingChecked();
  }

  /** Those of the start were shown before the screen. */
  #sayRemarks({ warnings, untrusted }: LoadedSettings): void {
    const remarks = [...warnings, ...(untrusted === null ? [] : [untrustedSentence(untrusted)])];
    for (const remark of remarks) {
      if (this.#isFirst) this.#said.add(remark);
      else this.#say('warning', remark);
    }
    this.#isFirst = false;
  }

  #say(level: 'info' | 'warning', sentence: string): void {
    if (this.#isNew(sentence)) this.#runtime.tell(level, sentence);
  }

  #isNew(what: string): boolean {
    const isNew = !this.#said.has(what);
    this.#said.add(what);
    return isNew;
  }

  #place() {
    const { root, commonDir, bare } = this.#context;
    return { root: bare ? null : root, commonDir };
  }
}
