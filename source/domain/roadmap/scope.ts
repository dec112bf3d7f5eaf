/** Which paths an item may touch: declared, else read from its deliverables or its spec file, else unknown (docs/contract.md). */
import type { Scope } from '../item.ts';
import { blockBelow } from './document/blocks.ts';
import { type Outline, readOutline } from './document/outline.ts';
import { type Field, inlineValue, type Section } from './fields.ts';
import { plainText } from './labels.ts';
import { codeSpans, toGlob } from './paths.ts';

export interface ScopeReading {
  readonly scope: Scope;
  /** Declared words that are not a path inside the repository, with the index of the label's line. */
  readonly refused: readonly { readonly index: number; readonly text: string }[];
}

const scopePlaces = /\b(?:files?|scope|fichiers?)\b/;
const deliverables =
  /\b(?:deliverables?|livrables?|files?|create[ds]?|modif\w*|implement\w*|outputs?|artifacts?|components?|changes)\b/;
const references =
  /\b(?:specs?|specification|references?|related|see also|links?|examples?|usage|background|status|dependenc\w+|depends on|blocked by|blocks|unblocks)\b/;
const makes =
  /^\s*(?:(?:[-*+]|\d+[.)])\s+)?(?:\[[ xX]\]\s+)?[^\p{L}`]*(?:create|add|update|modify|write|edit|refactor|implement|extend|delete|remove|rename|move|new|fix|extract|build|generate|replace)s?\b/iu;
const specLine = /\bspec(?:ification)?s?\b[^:`[\]]{0,20}:/i;
const pathLimit = 500;

/** Reads the scope of one item. `readSpec` is asked for its spec file only when the section itself names no path. */
export function readScope(
  outline: Outline,
  section: Section,
  fields: readonly Field[],
  stops: ReadonlySet<number>,
  readSpec: (path: string) => string | null,
): ScopeReading {
  const declared = readDeclared(outline, section, fields, stops);
  if (declared.scope.kind === 'known') return declared;
  const spec = specPath(outline, section);
  const own = inferred(outline, section, fields, spec);
  const paths = own.length > 0 || spec === null ? own : fromSpec(spec, readSpec);
  return { scope: { kind: paths.length > 0 ? 'inferred' : 'unknown', paths }, refused: declared.refused };
}

/** `**Files**:` and `**Scope**:` in the head of the section, or under a sub-heading about files. Deeper ones tell of a part only. */
function readDeclared(
  outline: Outline,
  section: Section,
  fields: readonly Field[],
  stops: ReadonlySet<number>,
): ScopeReading {
  const paths: string[] = [];
  const refused: { index: number; text: string }[] = [];
  for (const field of fields) {
    if (field.kind !== 'files' || !field.own || (field.under !== null && !scopePlaces.test(field.under))) continue;
    const below = blockBelow(outline, field, section, stops, true);
    for (const text of [inlineValue(outline, field), ...below.entries].flatMap(namedPaths)) {
      const glob = toGlob(text, true);
      if (glob !== null) paths.push(glob);
      else refused.push({ index: field.index, text });
    }
  }
  const known = unique(paths);
  return { scope: { kind: known.length > 0 ? 'known' : 'unknown', paths: known }, refused };
}

/** Back-ticked texts; without any, the words of a plain comma-separated list where each one looks like a path. */
function namedPaths(text: string): readonly string[] {
  const spans = codeSpans(text).flatMap(splitList);
  if (spans.length > 0) return spans;
  const words = splitList(text);
  return words.length > 0 && words.every(word => toGlob(word, false) !== null) ? words : [];
}

function splitList(text: string): readonly string[] {
  return text
    .split(/,\s+|,(?![^{]*\})/)
    .map(word => word.trim())
    .filter(word => word !== '');
}

/** Paths in deliverables (labels, sub-headings and list entries about creating something), else any that is not a mere reference. */
function inferred(
  outline: Outline,
  section: Section,
  fields: readonly Field[],
  spec: string | null,
): readonly string[] {
  const made: string[] = [];
  const named: string[] = [];
  const topics = new Topics(fields);
  for (let index = section.start; index < section.end; index++) {
    const line = outline.lines[index] ?? '';
    const topic = topics.at(index, line);
    if (outline.code[index] === 1 || !line.includes('`')) continue;
    const paths = codeSpans(line).flatMap(text => toGlob(text, false) ?? []);
    if (topic === 'made' || (topic === 'plain' && makes.test(line))) made.push(...paths);
    else if (topic === 'plain' && !specLine.test(line)) named.push(...paths);
  }
  const own = spec === null ? null : toGlob(spec, true);
  return unique(made.length > 0 ? made : named).filter(path => path !== own);
}

type Topic = 'made' | 'reference' | 'plain';

const oneWord: ReadonlySet<Field['kind']> = new Set(['status', 'agent', 'program'] as const);

/** What the lines of a section speak of, by the label or sub-heading they stand under. Asked line by line. */
class Topics {
  readonly #fields: readonly Field[];
  #next = 0;
  #heading: Topic = 'plain';
  #label: Topic = 'plain';
  /** The label has a value in its own line, so it reaches no further than its paragraph. */
  #short = false;
  /** Line of a label whose value is one word or two: what follows is about something else. */
  #word = -1;

  constructor(fields: readonly Field[]) {
    this.#fields = fields;
  }

  at(index: number, line: string): Topic {
    const over = this.#short && (line.trim() === '' || (this.#word >= 0 && index > this.#word));
    if (over) this.#label = 'plain';
    for (let field = this.#fields[this.#next]; field?.index === index; field = this.#fields[++this.#next]) {
      if (field.heading) this.#heading = topicOf(field);
      if (field.heading || field.indent < 2) {
        this.#label = field.heading ? 'plain' : topicOf(field);
        this.#short = field.start < field.end;
        this.#word = oneWord.has(field.kind) ? index : -1;
      }
    }
    return this.#label === 'plain' ? this.#heading : this.#label;
  }
}

function topicOf(field: Field): Topic {
  if (field.kind === 'files') return 'made';
  if (field.kind !== 'other' && field.kind !== 'estimate') return 'reference';
  if (deliverables.test(field.label)) return 'made';
  return references.test(field.label) ? 'reference' : 'plain';
}

/** The file that a line such as `**Technical Spec**: …` names, in back-ticks, as a link, or plainly. */
function specPath(outline: Outline, section: Section): string | null {
  for (let index = section.start + 1; index < section.end; index++) {
    const line = outline.lines[index] ?? '';
    if (outline.code[index] === 1 || line.length > 2000 || !line.includes('.md')) continue;
    const label = specLine.exec(line);
    if (label === null) continue;
    const value = line.slice(label.index + label[0].length);
    const path = /\]\(\s*<?([^\s()<>#]+\.md)/i.exec(value)?.[1] ?? /([\w@./-]+\.md)\b/i.exec(value)?.[1];
    if (path !== undefined && !path.includes('://')) return path;
  }
  return null;
}

function fromSpec(path: string, readSpec: (path: string) => string | null): readonly string[] {
  const text = readSpec(path);
  if (text === null) return [];
  const outline = readOutline(text);
  const made: string[] = [];
  const named: string[] = [];
  const topics = new Map(outline.headings.map(heading => [heading.index, heading]));
  let topic = '';
  for (const [index, line] of outline.lines.entries()) {
    const heading = topics.get(index);
    // The title of a spec says that it is one, not what its text is about.
    if (heading !== undefined) topic = heading.level === 1 ? '' : plainText(line.slice(heading.start, heading.end));
    if (outline.code[index] === 1 || !line.includes('`')) continue;
    const paths = codeSpans(line).flatMap(span => toGlob(span, false) ?? []);
    if (deliverables.test(topic) || makes.test(line)) made.push(...paths);
    else if (!references.test(topic)) named.push(...paths);
  }
  const own = toGlob(path, true);
  return unique(made.length > 0 ? made : named).filter(found => found !== own);
}

function unique(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)].slice(0, pathLimit);
}
