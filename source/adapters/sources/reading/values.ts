/** Foreign values: what a file or a program says, of which nothing is sure. */
import { sanitizeLine } from '../../../domain/text/sanitize.ts';

export type Foreign = Readonly<Record<string, unknown>>;

export function isForeign(value: unknown): value is Foreign {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value of the object itself, never one that it inherits. */
export function ownValue(object: Foreign, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** A string, or a number as one; empty for anything else. */
export function textValue(object: Foreign, ...names: readonly string[]): string {
  for (const name of names) {
    const value = ownValue(object, name);
    if (typeof value === 'string' && value.trim() !== '') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  }
  return '';
}

/** A list of strings: of strings and numbers, or one of them alone. */
export function textsValue(object: Foreign, name: string): readonly string[] {
  const value = ownValue(object, name);
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap(one =>
    typeof one === 'string' && one.trim() !== '' ? [one.trim()] : typeof one === 'number' ? [String(one)] : [],
  );
}

export function listValue(object: Foreign, name: string): readonly unknown[] {
  const value = ownValue(object, name);
  return Array.isArray(value) ? value : [];
}

/** An id in one line without blanks at its ends. */
export function idValue(object: Foreign, ...names: readonly string[]): string {
  return sanitizeLine(textValue(object, ...names).trim(), 100);
}

/** A section of a prompt; nothing where there is nothing to say. */
export function section(title: string, text: string): readonly string[] {
  return text.trim() === '' ? [] : [`## ${title}\n\n${text.trim()}`];
}

export function bullets(lines: readonly string[]): string {
  return lines.map(line => `- ${line}`).join('\n');
}
