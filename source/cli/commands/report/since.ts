import { CmError } from '../../../domain/errors.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';

const hour = 3_600_000;
const units: Readonly<Record<string, number>> = { h: hour, d: 24 * hour, w: 7 * 24 * hour };

/**
 * The moment that `--since` names, in milliseconds since 1970: a date (`2026-03-02`, local midnight), a time (`2026-03-02T14:00`), `today`,
 * `yesterday`, or so long ago (`12h`, `7d`, `2w`). By default 24 hours ago.
 * @throws CmError (exit 2)
 */
export function sinceOf(text: string | undefined, now: number): number {
  if (text === undefined) return now - 24 * hour;
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  if (text === 'today') return midnight;
  if (text === 'yesterday') return new Date(midnight - 12 * hour).setHours(0, 0, 0, 0);
  const [, count, unit = ''] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * (units[unit] ?? 0);
  // Without a time JavaScript takes midnight of UTC.
  const at = Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text);
  if (Number.isNaN(at) || !/^\d{4}-/.test(text))
    throw new CmError(
      `Invalid --since "${sanitizeLine(text, 60)}". Use a date such as 2026-03-02, today, yesterday, 12h or 7d.`,
      2,
    );
  return at;
}
