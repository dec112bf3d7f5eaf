/** No window of a subscription is longer than this; what claims to be is a mistake. Milliseconds. */
export const longestWaitMs = 7 * 24 * 3_600_000;

/** Characters that are read after a word such as "resets". */
const within = 120;
/** A clock time that has only just passed means now, not tomorrow. */
const justPassedMs = 5 * 60_000;

const anchors =
  /\b(?:retry(?:ing)?|try(?:ing)? again|try|again|wait|available|resumes?|refresh(?:es)?|until|reached\||x-ratelimit-reset(?:-\w+)?|(?:unified-)?resets?(?:[ _-]?(?:at|time|after|in|on))?|resetsAt|quotaResetTimeStamp|retryDelay)\b/gi;
/**
 * Milliseconds from `now` (milliseconds since 1970) that a message about a limit asks to wait; null: it names no time. Understands durations
 * (`in 6m0s`), seconds (`retry-after: 30`), dates, times of the day with or without a zone, and seconds since 1970.
 */
export function waitIn(words: string, now: number): number | null {
  for (const found of words.matchAll(anchors)) {
    const start = found.index + found[0].length;
    const rest = words.slice(start, start + within);
    const isMilliseconds = /^[-_]?(?:after[-_])?ms\b/i.test(rest);
    for (const gap of gaps(rest)) {
      const text = rest.slice(gap);
      const wait = isMilliseconds ? numberAt(text) : (durationAt(text) ?? instantAt(text, now));
      if (wait !== null) return Math.min(Math.max(0, Math.round(wait)), longestWaitMs);
    }
  }
  return null;
}

const filler =
  /[ :="'`,(∙·|_-]+|(?:after|at|in|on|the|for|ms|is|again|about|approximately|by|be|will|until)(?![a-z])/iy;

/** Places behind an anchor at which a time may begin, after words such as "at" and "in about". */
function gaps(rest: string): readonly number[] {
  const places = [0];
  for (let at = 0; places.length < 16; places.push(at)) {
    filler.lastIndex = at;
    const next = filler.exec(rest);
    if (next === null) break;
    at += next[0].length;
  }
  return places;
}

const part =
  /^(\d{1,7}(?:\.\d{1,6})?) ?(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z])(?:, | and | )?/i;
/** A number alone means seconds; one that continues as a time of the day (`10:30`, `3pm`) or a date is not a duration. */
const bare = /^(\d{1,7}(?:\.\d{1,6})?)(?![\w:./-]|\s?[ap]\.?m)/i;

function durationAt(text: string): number | null {
  let rest = text;
  let sum: number | null = null;
  for (let next = part.exec(rest); next !== null; next = part.exec(rest)) {
    sum = (sum ?? 0) + Number(next[1]) * factorOf(next[2] ?? '');
    rest = rest.slice(next[0].length);
  }
  if (sum !== null) return sum;
  const seconds = bare.exec(rest)?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}

function numberAt(text: string): number | null {
  const found = /^\d{1,10}/.exec(text)?.[0];
  return found === undefined ? null : Number(found);
}

function factorOf(unit: string): number {
  const name = unit.toLowerCase();
  return name.startsWith('ms') || name.startsWith('milli') ? 1 : (unitMs[name[0] ?? ''] ?? 1000);
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** From now to a moment that a text names. */
function instantAt(text: string, now: number): number | null {
  const epoch = /^(\d{10}|\d{13})(?!\d)/.exec(text)?.[1];
  if (epoch !== undefined) return Number(epoch) * (epoch.length === 10 ? 1000 : 1) - now;
  const iso = /^(\d{4})-(\d\d?)-(\d\d?)(?:[T ]+(?=\d))?/.exec(text);
  if (iso !== null) {
    const [whole, year, month, day] = iso;
    return momentOf({ year: Number(year), month: Number(month), day: Number(day) }, text.slice(whole.length), now);
  }
  const named =
    /^(?:[A-Z][a-z]{2,8},? )?(?:([A-Z][a-z]{2,8})\.? (\d{1,2})(?:st|nd|rd|th)?|(\d{1,2})(?:st|nd|rd|th)? ([A-Z][a-z]{2,8})\.?)(?:,? (\d{4}))?(?:,| at|,? at)? ?/.exec(
      text,
    );
  const month = monthOf(named?.[1] ?? named?.[4]);
  if (named !== null && month !== null) {
    const year = named[5] === undefined ? new Date(now).getFullYear() : Number(named[5]);
    const day = Number(named[2] ?? named[3]);
    const wait = momentOf({ year, month, day }, text.slice(named[0].length), now);
    const passed = wait < -justPassedMs && named[5] === undefined;
    return passed ? momentOf({ year: year + 1, month, day }, text.slice(named[0].length), now) : wait;
  }
  return clockAt(text, now);
}

function monthOf(name: string | undefined): number | null {
  const names = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
  const at = names.indexOf((name ?? '').slice(0, 3).toLowerCase());
  return at < 0 ? null : at + 1;
}

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** A date with the time of the day that may follow it; midnight without one. */
function momentOf(day: Day, rest: string, now: number): number {
  const clock = readClock(rest) ?? { hour: 0, minute: 0, second: 0, zone: zoneOf(rest.trimStart()) };
  return momentIn(day, clock) - now;
}

interface Clock {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly zone: Zone;
}

/** A fixed offset in minutes, the name of a region, or the zone of this machine. */
type Zone = number | string | null;

/** The next time that a clock shows this. */
function clockAt(text: string, now: number): number | null {
  const tomorrow = /^tomorrow(?: at)? ?/i.exec(text);
  const clock = readClock(text.slice(tomorrow?.[0].length ?? 0));
  if (clock === null) return null;
  const today = dayIn(now, clock.zone);
  const first = tomorrow === null ? 0 : 1;
  for (const days of [first, first + 1]) {
    const wait = momentIn({ ...today, day: today.day + days }, clock) - now;
    if (wait > -justPassedMs) return wait;
  }
  return null;
}

function readClock(text: string): Clock | null {
  const found = /^ ?(\d{1,2})(?::(\d\d))?(?::(\d\d)(?:\.\d{1,9})?)? ?([ap])?(?:\.?m\b\.?)?/i.exec(text);
  if (found === null || (found[2] === undefined && found[4] === undefined)) return null;
  const half = found[4]?.toLowerCase();
  const written = Number(found[1]);
  const hour = half === undefined ? written : (written % 12) + (half === 'p' ? 12 : 0);
  if (hour > 24 || Number(found[2] ?? 0) > 59) return null;
  return {
    hour,
    minute: Number(found[2] ?? 0),
    second: Number(found[3] ?? 0),
    zone: zoneOf(text.slice(found[0].length).trimStart()),
  };
}

const zones: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  Z: 0,
  EST: -300,
  EDT: -240,
  CST: -360,
  CDT: -300,
  MST: -420,
  MDT: -360,
  PST: -480,
  PDT: -420,
  CET: 60,
  CEST: 120,
  BST: 60,
  IST: 330,
  JST: 540,
};

function zoneOf(text: string): Zone {
  const offset = /^(?:UTC|GMT)?([+-])(\d\d?):?(\d\d)?/.exec(text);
  if (offset !== null) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3] ?? 0);
    return offset[1] === '-' ? -minutes : minutes;
  }
  const region = /^\(?([A-Z][A-Za-z_]+\/[A-Za-z_+-]+(?:\/[A-Za-z_]+)?)\)?/.exec(text)?.[1];
  if (region !== undefined && offsetIn(region, 0) !== null) return region;
  const name = /^\(?([A-Z]{1,4})\b/.exec(text)?.[1];
  return name === undefined ? null : (zones[name] ?? null);
}

function dayIn(now: number, zone: Zone): Day {
  const local =
    zone === null ? -new Date(now).getTimezoneOffset() : typeof zone === 'number' ? zone : offsetIn(zone, now);
  const date = new Date(now + (local ?? 0) * 60_000);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** Milliseconds since 1970 at which the clocks of a zone show this. */
function momentIn({ year, month, day }: Day, { hour, minute, second, zone }: Clock): number {
  if (zone === null) return new Date(year, month - 1, day, hour, minute, second).getTime();
  const asUtc = Date.UTC(year, month - 1, day, hour, minute, second);
  if (typeof zone === 'number') return asUtc - zone * 60_000;
  // The offset at the moment itself, which only the offset tells: the second guess is right but within a change of clocks.
  const guess = asUtc - (offsetIn(zone, asUtc) ?? 0) * 60_000;
  return asUtc - (offsetIn(zone, guess) ?? 0) * 60_000;
}

/** Minutes that the clocks of a region are ahead of UTC; null: there is no such region. */
function offsetIn(region: string, at: number): number | null {
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: region,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
    return Math.round((Date.UTC(year, month - 1, day, hour, minute) - at) / 60_000);
  } catch {
    return null;
  }
}
