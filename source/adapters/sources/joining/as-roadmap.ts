/** Writes items of any source as sections of our ROADMAP. */
import type { Item } from '../../../domain/item.ts';
import { readOutline } from '../../../domain/roadmap/document/outline.ts';
import { statusTexts } from '../../../domain/roadmap/status.ts';
import { sanitizeBlock } from '../../../domain/text/sanitize.ts';

/** Characters of one item's text. */
const textLimit = 200_000;

/**
 * The sections as Markdown, one below the other. `taken` are the numbers of US ids that exist already. Items keep an id of our form where it
 * is free, all others get the next free number; dependencies are written with the new ids.
 */
export function asRoadmap(items: readonly Item[], textOf: (item: Item) => string, taken: ReadonlySet<number>): string {
  const used = new Set(taken);
  const keys = new Map<string, string>();
  for (const item of items) {
    const number = Number(/^US-0*(\d{1,9})$/i.exec(item.id)?.[1] ?? 0);
    if (number > 0 && !used.has(number)) keys.set(item.id, keyOf(number, used));
  }
  let next = 1;
  for (const item of items) {
    while (used.has(next)) next++;
    if (!keys.has(item.id)) keys.set(item.id, keyOf(next, used));
  }
  let group: string | null = null;
  const lines: string[] = [];
  for (const item of items) {
    const own = item.group ?? null;
    if (own !== null && own !== group) lines.push(`## ${own.replaceAll('\n', ' ')}`, '');
    group = own;
    lines.push(...section(item, keys, textOf(item)));
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function keyOf(number: number, used: Set<number>): string {
  used.add(number);
  return `US-${String(number).padStart(3, '0')}`;
}

function section(item: Item, keys: ReadonlyMap<string, string>, text: string): readonly string[] {
  const status =
    item.status === 'unknown' ? '❓ Unknown' : `${statusTexts[item.status].emoji} ${statusTexts[item.status].words}`;
  const dependsOn = item.dependsOn.flatMap(id => keys.get(id) ?? []);
  const isAgent = item.agentType !== 'code_developer';
  return [
    `### ${keys.get(item.id) ?? item.id}: ${item.title}`,
    '',
    `**Status**: ${status}`,
    ...(item.scope.kind === 'known' ? [`**Files**: ${item.scope.paths.map(path => `\`${path}\``).join(', ')}`] : []),
    ...(dependsOn.length > 0 ? [`**Dependencies**: ${dependsOn.join(', ')}`] : []),
    ...(isAgent ? [`**Agent**: ${item.agentType}`] : []),
    ...(item.agentProgram === null ? [] : [`**Agent program**: ${item.agentProgram}`]),
    ...(item.estimateHours === null ? [] : [`**Estimate**: ${item.estimateHours} hours`]),
    '',
    ...withoutHeadings(text),
    '',
  ];
}

/** A heading would end the section it stands in, so it becomes bold. */
function withoutHeadings(text: string): readonly string[] {
  const { lines, headings, unclosed } = readOutline(sanitizeBlock(text, textLimit).trim());
  const bold = new Map(headings.map(({ index, start, end }) => [index, (lines[index] ?? '').slice(start, end)]));
  const body = lines.map((line, index) => {
    const heading = bold.get(index);
    return heading === undefined ? line : heading === '' ? '' : `**${heading.replaceAll('*', '')}**`;
  });
  return unclosed === null ? body : [...body, (lines[unclosed] ?? '').includes('<!--') ? '-->' : '```'];
}
