import { parseAst } from 'vitest/node';

/** A text in a source file. */
export interface FoundText {
  readonly line: number;
  readonly kind: 'string' | 'comment' | 'name';
  readonly text: string;
}

type Node = { readonly type: string; readonly start: number; readonly end: number } & Readonly<Record<string, unknown>>;

/** Every text of a TypeScript source: strings that can reach a person, comments, and the names that it declares. */
export function textsOf(source: string, path: string): readonly FoundText[] {
  const found: FoundText[] = [];
  const lineOf = lineCounter(source);
  const literals: { readonly start: number; readonly end: number }[] = [];
  const add = (kind: FoundText['kind'], at: number, text: string): void => {
    found.push({ kind, text, line: lineOf(at) });
  };
  const visit = (node: Node, parent: Node | null, field: string): void => {
    const text = literalText(node);
    if (text !== null) literals.push(node);
    if (text !== null && isProse(text) && !isTechnical(node, parent, field)) add('string', node.start, text);
    for (const name of declaredNames(node)) add('name', node.start, name);
    for (const [key, value] of Object.entries(node))
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, node, key);
  };
  const program: unknown = parseAst(source, { lang: path.endsWith('x') ? 'tsx' : 'ts' }, path);
  if (!isNode(program)) throw new Error(`${path} could not be parsed`);
  visit(program, null, '');
  for (const { at, text } of commentsOf(source, literals)) add('comment', at, text);
  return found;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** The text of a string, of a template with `…` for its values, of JSX or of a regular expression (never prose); else null. */
function literalText(node: Node): string | null {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type === 'Literal' && 'regex' in node) return '';
  if (node.type === 'JSXText') return String(node.value);
  if (node.type !== 'TemplateElement') return null;
  const { cooked } = node.value as { readonly cooked: string | null };
  return cooked ?? '';
}

/** More than a name, path or option: it has a space between words, or is a word on its own. */
function isProse(text: string): boolean {
  return /[a-z]{2,}[^a-z]* [^a-z]*[a-z]{2,}/i.test(text) || /^\s*[A-Za-z][a-z]+[.:!?]?\s*$/.test(text);
}

/** Module names, keys, types, compared values and one-word values of the program's own vocabulary. */
function isTechnical(node: Node, parent: Node | null, field: string): boolean {
  if (parent === null) return false;
  if (/^(Import|Export)\w*Declaration$|^ImportExpression$|^TSLiteralType$|^TSImportType$/.test(parent.type))
    return true;
  if (field === 'key' && parent.type === 'Property') return true;
  const oneWord = node.type === 'Literal' && /^[a-z]+$/.test(String(node.value));
  return oneWord && !(parent.type === 'ArrayExpression' || parent.type === 'Property');
}

const declarations: Readonly<Record<string, string>> = {
  FunctionDeclaration: 'id',
  ClassDeclaration: 'id',
  TSInterfaceDeclaration: 'id',
  TSTypeAliasDeclaration: 'id',
  VariableDeclarator: 'id',
  MethodDefinition: 'key',
  PropertyDefinition: 'key',
  TSPropertySignature: 'key',
  TSMethodSignature: 'key',
};

function declaredNames(node: Node): readonly string[] {
  const named = node[declarations[node.type] ?? ''];
  const list = [named, ...(Array.isArray(node.params) ? node.params : [])];
  return list.flatMap(one => (isNode(one) && typeof one.name === 'string' ? [one.name] : []));
}

/** Comments: what looks like one outside of strings, templates and regular expressions. */
function commentsOf(
  source: string,
  literals: readonly { readonly start: number; readonly end: number }[],
): readonly { readonly at: number; readonly text: string }[] {
  const kept: string[] = [];
  let from = 0;
  for (const { start, end } of literals.toSorted((a, b) => a.start - b.start)) {
    kept.push(source.slice(from, start), ' '.repeat(end - start));
    from = end;
  }
  return [...(kept.join('') + source.slice(from)).matchAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g)].map(match => ({
    at: match.index,
    text: source.slice(match.index, match.index + match[0].length).replaceAll(/\s*\n\s*\*?\s*/g, ' '),
  }));
}

/** The line of an offset, for offsets in any order. */
function lineCounter(source: string): (offset: number) => number {
  const ends = [...source.matchAll(/\n/g)].map(match => match.index);
  return offset => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}
