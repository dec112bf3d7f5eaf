/** Reads an effort as hours. */

const unitHours: readonly (readonly [RegExp, number])[] = [
  [/^(?:minutes?|mins?|m)$/i, 1 / 60],
  [/^(?:hours?|hrs?|hr|h|heures?)$/i, 1],
  [/^(?:days?|d|jours?|j)$/i, 8],
  [/^(?:weeks?|wks?|w|semaines?)$/i, 40],
  [/^(?:months?|mois)$/i, 160],
];

const quantity =
  /(?<![\p{L}\d.])(\d{1,4}(?:[.,]\d{1,2})?)\s*(?:(?:-|–|—|to|à)\s*(\d{1,4}(?:[.,]\d{1,2})?)\s*)?\+?[ -]?(minutes?|mins?|hours?|hrs?|heures?|days?|jours?|weeks?|wks?|semaines?|months?|mois|[hdwjm])(?![\p{L}\d])/iu;

/**
 * Hours of the first quantity with a unit of time: a working day is 8 hours, a week 5 days, a month 20 days. A range counts as its
 * middle (`2-3 days` → 20). Null where there is none (`Varies`, `5 story points`).
 */
export function readEstimate(value: string): number | null {
  const match = quantity.exec(value.slice(0, 400));
  if (match === null) return null;
  const hours = unitHours.find(([pattern]) => pattern.test(match[3] ?? ''))?.[1];
  if (hours === undefined) return null;
  const low = toNumber(match[1]);
  const high = match[2] === undefined ? low : toNumber(match[2]);
  return Math.round(((low + high) / 2) * hours * 100) / 100;
}

function toNumber(text: string | undefined): number {
  return Number((text ?? '0').replace(',', '.'));
}
