import { type OutsideChange, settingsFileOf } from '../../domain/escape.ts';
import { type Instance, isAlive } from '../../domain/instance.ts';
import { readingsAtWork } from '../../domain/review/reading.ts';
import type { SettingsFileChange } from '../../domain/settings/settings-difference.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';
import type { CommandAnswer } from '../../ports/commands.ts';
import { pauseQueue } from '../landing/queue-stop.ts';
import { done } from '../state/answers.ts';
import type { DurableState } from '../state/state.ts';
import type { Transition } from '../transition.ts';

type Seals = Readonly<Record<string, string>>;

const reasonStart = 'settings changed while an agent ran: ';

/** Is this a settings file of ours, changed by somebody else than a person through us? */
export function isSettingsChange(state: Pick<DurableState, 'sealed'>, { path, stamp }: OutsideChange): boolean {
  return settingsFileOf(path) !== null && state.sealed?.[path] !== stamp;
}

/** Landing pauses until a person has accepted each of the files; what is in them counts from the next start on, and not before that. */
export function pauseForSettings(transition: Transition, changes: readonly OutsideChange[]): void {
  for (const { path, stamp } of changes) {
    const file = settingsFileOf(path);
    if (file === null) continue;
    const reason = `${reasonStart}${escapePath(file)}. Read "cm-tui config diff", then run "${acceptCommand(stamp)}"`;
    transition.notice('error', reason, null);
    pauseQueue(transition, reason);
  }
}

/** Nothing of what somebody else wrote into the journal counts; who did it may have done more, so a person looks before anything lands. */
export function pauseForJournal(transition: Transition, count: number): void {
  const records = count === 1 ? '1 record' : `${count} records`;
  const reason = `another program wrote ${records} into journal.jsonl, which cm-tui has removed. Review what the agents did before you resume`;
  transition.notice('error', reason, null);
  pauseQueue(transition, reason);
}

/** The command by which a person accepts a settings file as it is now. */
export function acceptCommand(digest: string): string {
  return `cm-tui config trust ${digest.slice(0, 16)}`;
}

/** Is landing paused until a person has accepted settings files? */
export function waitsForSettings({ queuePaused }: Pick<DurableState, 'queuePaused'>): boolean {
  return queuePaused?.includes(reasonStart) === true;
}

/** The file, then its values as they were (`- `) and as they are (`+ `), for a person to read. Nothing is shortened. */
export function describeFileChange({ file, digest, wasKnown, lines }: SettingsFileChange): readonly string[] {
  if (digest === null) return [`${escapePath(file)} cannot be read: fix or remove it.`];
  const known = wasKnown ? '' : ' (all of it: what it said before is not known)';
  return [`${escapePath(file)}${known}`, ...lines.map(one => `  ${sanitizeLine(one, one.length)}`)];
}

export function acceptSettings(transition: Transition, sealed: Seals): CommandAnswer {
  transition.record({ type: 'settings-sealed', sealed });
  const { queuePaused } = transition.state;
  const rest = (queuePaused ?? '').split('; ').filter(reason => !reason.startsWith(reasonStart) && reason !== '');
  if (waitsForSettings({ queuePaused })) {
    const paused = rest.length > 0;
    transition.record({ type: 'queue-paused', paused, reason: paused ? rest.join('; ') : null });
  }
  return done('The settings are accepted.');
}

/** What a start makes of the settings files that it finds. */
export type SettingsVerdict =
  /** Files that changed since the last start, by hand and with no agent at work; empty: none did. */
  | { readonly kind: 'accepted'; readonly changed: readonly string[] }
  /** Nothing of them counts before a person has accepted it. `message`: one sentence. */
  | { readonly kind: 'refused'; readonly message: string };

/** When a settings file may have become what it is, by its name, in milliseconds since 1970, as the file system says; empty: it cannot tell. */
export type ChangedAt = (name: string) => readonly number[];

/**
 * Digest of a settings file that says nothing of programs, approval or gates, or is not there. Whoever starts with another home folder has
 * one that nobody has seen before.
 */
export const saysNothing = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';

/** Checks that were started again may have begun this long before the start that is known, without anybody having looked meanwhile. */
const lookMs = 2000;

/**
 * May these settings be used? A change that was made while an agent was at work or checks ran, or while nobody can tell, has to be accepted
 * first: an agent could start programs by it, or approve its own work. `anyAlive`: processes of runs are still there. `changedAt`: given at a
 * start, where whoever ran the checks may have been killed before it noticed the change.
 */
export function judgeSettings(
  durable: DurableState,
  found: Seals,
  anyAlive = false,
  changedAt?: ChangedAt,
): SettingsVerdict {
  const { sealed, outside = {}, instances } = durable;
  if (sealed === undefined) return { kind: 'accepted', changed: [] };
  const changed = Object.keys(found).filter(name => found[name] !== (sealed[name] ?? saysNothing));
  const noticed = changed.find(name => outside[name] !== undefined);
  const times = changedAt === undefined || noticed !== undefined ? [] : changed.map(changedAt);
  const wasChecked = (one: Instance) => isBeingChecked(one) || times.some(time => isWithinChecks(one, time));
  const open = instances.find(one => isAlive(one.state) || one.state === 'completed' || wasChecked(one));
  const suspect = noticed ?? (open !== undefined || anyAlive ? changed[0] : undefined);
  if (suspect === undefined)
    return { kind: 'accepted', changed: changed.map(name => escapePath(settingsFileOf(name) ?? name)) };
  const file = escapePath(settingsFileOf(suspect) ?? suspect);
  const doing =
    open !== undefined && wasChecked(open) ? (readingsAtWork(open).length > 0 ? 'was reviewed' : 'was checked') : 'ran';
  const when = open === undefined ? 'while an agent ran' : `while ${open.key} ${doing}`;
  return {
    kind: 'refused',
    message: `${file} was changed ${when}, and could start programs or approve by itself. Read "cm-tui config diff", then run "${acceptCommand(found[suspect] ?? '')}".`,
  };
}

function isWithinChecks({ merge, state }: Instance, times: readonly number[]): boolean {
  const { checkSpan } = merge;
  if (checkSpan === undefined) return false;
  const { from, to } = checkSpan;
  // Where nobody can tell when, whatever is still here may have done it.
  if (times.length === 0) return state !== 'cleaned';
  return times.some(time => time >= from - lookMs && time <= (to ?? Number.POSITIVE_INFINITY));
}

/** Checks run what agents have written, and an agent that reviews it could follow what stands there. */
export function isBeingChecked(instance: Pick<Instance, 'merge' | 'readings'>): boolean {
  return instance.merge.check?.ended === false || readingsAtWork(instance).length > 0;
}
