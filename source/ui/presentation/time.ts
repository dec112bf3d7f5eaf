const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/**
 * A time in local time: `12:04`, `Mon 12:04` when it is not today, `2 Mar` when it is a week ago.
 * A time of day stays true without redrawing, which a running counter would not.
 */
export function moment(at: number, now: number): string {
  const then = new Date(at);
  const clock = `${two(then.getHours())}:${two(then.getMinutes())}`;
  if (then.toDateString() === new Date(now).toDateString()) return clock;
  return now - at < 6 * day ? `${weekdays[then.getDay()]} ${clock}` : then.toISOString().slice(0, 10);
}

/** `12:04:09`, for the lines of a log. */
export function clockTime(at: number): string {
  const then = new Date(at);
  return `${two(then.getHours())}:${two(then.getMinutes())}:${two(then.getSeconds())}`;
}

/** `2026-03-02 12:04:09`, in local time. */
export function fullMoment(at: number): string {
  const then = new Date(at);
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} ${clockTime(at)}`;
}

/** How long something took: `9s`, `4m12s`, `2h05m`, `3d04h`. */
export function duration(ms: number): string {
  const value = Math.max(0, ms);
  if (value < minute) return `${Math.round(value / 1000)}s`;
  if (value < hour) return `${Math.floor(value / minute)}m${two(Math.floor((value % minute) / 1000))}s`;
  if (value < day) return `${Math.floor(value / hour)}h${two(Math.floor((value % hour) / minute))}m`;
  return `${Math.floor(value / day)}d${two(Math.floor((value % day) / hour))}h`;
}

/** How long something has been running: whole minutes after the first, so that it changes rarely. */
export function coarseDuration(ms: number): string {
  if (ms < minute) return 'under 1m';
  return ms < hour ? `${Math.floor(ms / minute)}m` : duration(ms);
}

/** `12 kB`, `3.4 MB`. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 || size >= 10 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** A rough remaining time, in steps that do not pretend to be exact: `under 1 min`, `about 20 min`, `about 3 h`. */
export function roughly(ms: number): string {
  const minutes = ms / minute;
  if (minutes < 1) return 'under 1 min';
  if (minutes < 10) return `about ${Math.round(minutes)} min`;
  return minutes < 90 ? `about ${Math.round(minutes / 5) * 5} min` : `about ${Math.round(minutes / 60)} h`;
}

/**
 * A sentence of the core with its exact times in local time, to the minute. Without `now`, for rows that are redrawn only when the
 * state changes, the time of day alone.
 */
export function localMoments(text: string, now: number | null): string {
  return text.replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, exact => {
    const at = Date.parse(exact);
    return moment(at, now ?? at);
  });
}
