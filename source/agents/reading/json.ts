/** A JSON object of a foreign program: nothing is known about its fields. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The object on a line, or null if the line is not a JSON object. Never throws. */
export function parseObject(line: string): JsonObject | null {
  const start = line.trimStart();
  if (!start.startsWith('{')) return null;
  try {
    return asObject(JSON.parse(start));
  } catch {
    return null;
  }
}

export function asObject(value: unknown): JsonObject | null {
  return isObject(value) ? value : null;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at the end of a path of fields, or an empty one. */
export function objectAt(value: unknown, ...path: readonly string[]): JsonObject {
  let current = asObject(value);
  for (const field of path) current = asObject(current?.[field]);
  return current ?? {};
}

/** The objects of a list; anything else in it is skipped. */
export function objectsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** The first of several values that is a non-empty text. */
export function firstText(...values: readonly unknown[]): string | null {
  for (const value of values) if (typeof value === 'string' && value.trim() !== '') return value;
  return null;
}

export function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Sum of the numbers among the values; null if there are none. */
export function sumOf(...values: readonly unknown[]): number | null {
  const numbers = values.map(numberOf).filter(value => value !== null);
  return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0);
}

/** Longest text that is searched for the answer of a service. */
const longestAnswer = 20_000;

/**
 * The message of an error, however it is wrapped: a text, `{message}`, `{error: …}`, `{data: {message}}`, and the answer of a service
 * that a program passes on as text: `{"error": {"message": …}}`, alone or as `[API Error: {…}]`.
 */
export function errorText(value: unknown, depth = 4): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : (answerText(value, depth) ?? value);
  const object = asObject(value);
  if (object === null || depth === 0) return null;
  return (
    errorText(object.message, depth - 1) ??
    errorText(object.error, depth - 1) ??
    errorText(object.data, depth - 1) ??
    firstText(object.name, object.type, object.code)
  );
}

function answerText(text: string, depth: number): string | null {
  const start = text.indexOf('{');
  if (start < 0 || depth === 0 || text.length > longestAnswer) return null;
  if (!/^(?:\[API Error: )?$/.test(text.slice(0, start).trimStart())) return null;
  const answer = parseObject(text.slice(start).replace(/\]\s*$/, ''));
  return answer === null ? null : errorText(answer, depth - 1);
}
