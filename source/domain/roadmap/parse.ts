/** Reads a roadmap text into items and problems (docs/contract.md). Pure, never throws, linear in the text. */
import type { Item, ItemStatus, Roadmap, SourceProblem } from '../item.ts';
import { landingWays, readLandingWay } from '../queue/landing-style.ts';
import { mostRivals, readAgents } from '../race/agents.ts';
import { isTargetBranch } from '../text/names.ts';
import { sanitizeLine } from '../text/sanitize.ts';
import { dependenciesInStatus, readDependencies } from './dependencies.ts';
import { blockBelow, wrappedValue } from './document/blocks.ts';
import { emptyProblem } from './document/empty.ts';
import type { NearMiss } from './document/near-misses.ts';
import { type Outline, readOutline } from './document/outline.ts';
import { findSections, type ItemSection, statusPlace } from './document/sections.ts';
import { itemLimit, sizeProblem } from './document/size.ts';
import { readEstimate } from './estimate.ts';
import { type Field, inlineValue } from './fields.ts';
import { headingKey } from './headings.ts';
import { canonicalOf, type ItemId } from './ids.ts';
import type { FieldKind } from './labels.ts';
import { heldByUnread, linkItems, type UnlinkedItem } from './link.ts';
import { readScope } from './scope.ts';
import { readStatus } from './status.ts';

export interface ParseOptions {
  /** The file's path relative to the repository, for {@link Roadmap.path}. */
  readonly path: string | null;
  /** Text of a spec file that an item names, null when there is none. Asked only for items whose section names no path. */
  readonly readSpec?: (path: string) => string | null;
}

const defaultAgentType = 'code_developer';
const titleLimit = 300;
const groupLimit = 120;

/** Reads the whole text. Problems come in the order of their lines. */
export function parseRoadmap(text: string, options: ParseOptions): Roadmap {
  const outline = readOutline(text);
  const { items: all, unnumbered, nearMisses } = findSections(outline);
  const sections = all.slice(0, itemLimit);
  const problems: SourceProblem[] = unnumbered.map(heading => ({
    line: heading.index + 1,
    code: 'id',
    message: `Line ${heading.index + 1} has a placeholder instead of a number and is ignored. Give it a number.`,
  }));
  problems.push(...nearMisses.map(miss => missProblem(outline, miss)));
  if (sections.length === 0) problems.push(emptyProblem(outline, options.path));
  const isCut = outline.unread > 0 || all.length > itemLimit;
  if (isCut) problems.push(sizeProblem(options.path, sections.length));
  if (outline.unclosed !== null) problems.push(unclosedProblem(outline, outline.unclosed));
  const readSpec = options.readSpec ?? (() => null);
  const unlinked = sections.map(section => readItem(outline, section, readSpec, problems));
  const linked = linkItems(unlinked, problems);
  const items = isCut ? heldByUnread(linked, unlinked) : linked;
  return { path: options.path, items, problems: problems.sort((a, b) => a.line - b.line) };
}

function missProblem(outline: Outline, { heading, why, better }: NearMiss): SourceProblem {
  const line = heading.index + 1;
  const shown = sanitizeLine(outline.lines[heading.index] ?? '', 100);
  const message = `"${shown}" is not read as an item: ${why}. Write "${sanitizeLine(better, 100)}".`;
  return { line, code: 'near-miss', message };
}

function unclosedProblem(outline: Outline, index: number): SourceProblem {
  const what = (outline.lines[index] ?? '').includes('<!--') ? 'comment' : 'code fence';
  const message = `The ${what} opened on line ${index + 1} is never closed, so everything below it is ignored. Close it.`;
  return { line: index + 1, code: 'fence', message };
}

function readItem(
  outline: Outline,
  section: ItemSection,
  readSpec: (path: string) => string | null,
  problems: SourceProblem[],
): UnlinkedItem {
  const ids = section.reading.ids;
  const keyId = headingKey(ids) ?? ids[0];
  const key = keyId?.key ?? '';
  const line = section.start + 1;
  const scope = readScope(outline, section, section.fields, section.stops, readSpec);
  for (const { index, text } of scope.refused) {
    const shown = sanitizeLine(text, 80);
    problems.push({
      line: index + 1,
      code: 'scope',
      message: `${key}: \`${shown}\` is not a path inside the repository and is ignored.`,
    });
  }
  const dependencies = dependenciesOf(outline, section);
  const priority: Item = {
    id: key,
    key,
    aliases: ids.filter(id => id !== keyId && id.number !== null).map(id => id.key),
    title: sanitizeLine(section.reading.title === '' ? key : section.reading.title, titleLimit),
    status: statusOf(outline, section, key, problems),
    heading: sanitizeLine(outline.lines[section.start] ?? ''),
    line,
    endLine: Math.max(line, section.end),
    dependsOn: [],
    notes: dependencies.notes.map(note => sanitizeLine(note, titleLimit)),
    scope: scope.scope,
    agentType: agentTypeOf(outline, section, key, problems),
    agentProgram: agentProgramOf(outline, section),
    ...agentsOf(outline, section, key, problems),
    ...reviewOf(outline, section),
    ...landingOf(outline, section, key, problems),
    ...targetOf(outline, section, key, problems),
    estimateHours: estimateOf(outline, section),
    duplicate: false,
    prompt: null,
    source: 'roadmap',
    group: groupOf(outline, section),
    parallel: null,
    priority: null,
  };
  const numbered = ids.filter(id => id.number !== null);
  return {
    priority,
    names: (numbered.length > 0 ? numbered : ids).map(id => ({ canonical: canonicalOf(id), key: id.key })),
    wants: dependencies.ids,
    blocks: blockedBy(outline, section),
  };
}

function groupOf(outline: Outline, { parent }: ItemSection): string | null {
  if (parent === null) return null;
  const text = (outline.lines[parent.index] ?? '').slice(parent.start, parent.end);
  return sanitizeLine(text.replaceAll(/\*\*|`/g, '').trim(), groupLimit) || null;
}

function statusOf(outline: Outline, section: ItemSection, key: string, problems: SourceProblem[]): ItemStatus {
  const inHeading = section.reading.status;
  const place = statusPlace(outline, section);
  if (place === null) {
    if (inHeading === 'unknown') {
      const message = `${key} has no status, so it never runs. Add a line such as \`**Status**: 📝 Planned\`.`;
      problems.push({ line: section.start + 1, code: 'status', message });
    }
    return inHeading;
  }
  const value = (outline.lines[place.index] ?? '').slice(place.start, place.end);
  const status = readStatus(value);
  if (status === 'unknown') {
    const shown = sanitizeLine(value, 60);
    const message = `${key}: the status "${shown}" is unknown, so the item never runs. Begin it with 📝, 🔄, ✅, ⏸️, 🚧, 🧪 or ❌.`;
    problems.push({ line: place.index + 1, code: 'status', message });
  } else if (inHeading !== 'unknown' && inHeading !== status) {
    const message = `${key}: the heading says ${inHeading}, line ${place.index + 1} says ${status}. The latter counts. Make them agree.`;
    problems.push({ line: section.start + 1, code: 'mismatch', message });
  }
  return status;
}

interface Wanted {
  readonly ids: readonly { readonly id: ItemId; readonly line: number }[];
  readonly notes: readonly string[];
}

function dependenciesOf(outline: Outline, section: ItemSection): Wanted {
  const place = statusPlace(outline, section);
  const statusLine = place === null ? '' : (outline.lines[place.index] ?? '').slice(0, 4096);
  const ids = [
    ...dependenciesInStatus(section.text).map(id => ({ id, line: section.start + 1 })),
    ...dependenciesInStatus(statusLine).map(id => ({ id, line: (place?.index ?? 0) + 1 })),
  ];
  const notes: string[] = [];
  for (const field of section.fields) {
    const reading = dependencyField(outline, section, field);
    if (reading === null) continue;
    ids.push(...reading.ids.map(id => ({ id, line: field.index + 1 })));
    notes.push(...reading.notes);
  }
  return { ids, notes: [...new Set(notes)] };
}

function dependencyField(
  outline: Outline,
  section: ItemSection,
  field: Field,
): { readonly ids: readonly ItemId[]; readonly notes: readonly string[] } | null {
  if (!field.own) return null;
  if (field.kind === 'other' && field.under === 'dependencies' && field.label.startsWith('requires ')) {
    return { ids: readDependencies(field.label, []).ids, notes: [] };
  }
  if (field.kind !== 'dependencies') return null;
  const below = blockBelow(outline, field, section, section.stops, false);
  const reading = readDependencies(wrappedValue(outline, field, section, section.stops), below.entries);
  return { ids: reading.ids, notes: [...reading.notes, ...below.fenced] };
}

function blockedBy(outline: Outline, section: ItemSection): readonly ItemId[] {
  return section.fields.flatMap(field => {
    if (field.kind !== 'blocks' || !field.own) return [];
    const below = blockBelow(outline, field, section, section.stops, false);
    return readDependencies(wrappedValue(outline, field, section, section.stops), below.entries).ids;
  });
}

/** The value of the first field of a kind in the head of the section. */
function headValue(
  outline: Outline,
  section: ItemSection,
  kind: FieldKind,
): { readonly value: string; readonly line: number } | null {
  const field = section.fields.find(one => one.kind === kind && one.own && one.under === null);
  return field === undefined ? null : { value: inlineValue(outline, field), line: field.index + 1 };
}

function agentTypeOf(outline: Outline, section: ItemSection, key: string, problems: SourceProblem[]): string {
  const found = headValue(outline, section, 'agent');
  if (found === null) return defaultAgentType;
  const name = /^[*_`~\s@]*([\p{L}][\p{L}\p{N}]*(?:[_-][\p{L}\p{N}]+)*)[*_`]*\s*(?:$|[(,;+&/|–—-])/u.exec(
    found.value,
  )?.[1];
  if (name !== undefined && name.length <= 60) return name.toLowerCase();
  const shown = sanitizeLine(found.value, 60);
  const message = `${key}: "${shown}" is not an agent type, so ${defaultAgentType} is used. Write one name such as \`architect\`.`;
  problems.push({ line: found.line, code: 'agent', message });
  return defaultAgentType;
}

function agentProgramOf(outline: Outline, section: ItemSection): string | null {
  const value = headValue(outline, section, 'program')?.value ?? '';
  return /^[*`\s]*([A-Za-z0-9][\w.-]{0,59})/.exec(value)?.[1] ?? null;
}

/** Agents that work on it side by side; nothing where it names none, or what is written there names none. */
function agentsOf(
  outline: Outline,
  section: ItemSection,
  key: string,
  problems: SourceProblem[],
): Pick<Item, 'agents'> {
  const found = headValue(outline, section, 'agents');
  if (found === null) return {};
  const agents = readAgents(found.value);
  if (agents !== null) return { agents };
  const message = `${key}: "${sanitizeLine(found.value, 60)}" does not name agents. Write up to ${mostRivals}, such as "claude, codex ×2".`;
  problems.push({ line: found.line, code: 'agent', message });
  return {};
}

/** `yes`, `no`, or the agent that reviews the work on it; nothing where it does not say. */
function reviewOf(outline: Outline, section: ItemSection): Pick<Item, 'after' | 'reviewAgent'> {
  const value = headValue(outline, section, 'after')?.value ?? '';
  const name = /^[*`\s]*([A-Za-z0-9][\w.-]{0,59})/.exec(value)?.[1];
  if (name === undefined) return {};
  if (/^(?:no|none|off)$/i.test(name)) return { after: [] };
  return { after: ['review'], ...(/^(?:yes|on|review)$/i.test(name) ? {} : { reviewAgent: name }) };
}

/** How the item lands; nothing where it does not say, or says something else. */
function landingOf(
  outline: Outline,
  section: ItemSection,
  key: string,
  problems: SourceProblem[],
): Pick<Item, 'landing'> {
  const found = headValue(outline, section, 'landing');
  if (found === null) return {};
  const landing = readLandingWay(found.value);
  if (landing !== undefined) return { landing };
  const message = `${key}: "${sanitizeLine(found.value, 60)}" is not a way to land. Write ${landingWays.join(', ')}.`;
  problems.push({ line: found.line, code: 'landing', message });
  return {};
}

/** The branch it lands on; nothing where that line is prose, such as a date or a goal. */
function targetOf(
  outline: Outline,
  section: ItemSection,
  key: string,
  problems: SourceProblem[],
): Pick<Item, 'target'> {
  const found = headValue(outline, section, 'target');
  const value = found?.value.trim() ?? '';
  const quoted = /^`([^`]+)`$/.exec(value)?.[1];
  const target = (quoted ?? value.replace(/^\*\*|\*\*$/g, '')).replace(/^refs\/heads\//, '');
  if (isTargetBranch(target)) return { target };
  if (found !== null && quoted !== undefined) {
    const message = `${key}: "${sanitizeLine(quoted, 60)}" is not a branch name. Write one, or remove the line.`;
    problems.push({ line: found.line, code: 'target', message });
  }
  return {};
}

/** From the head of the section, else from a sub-heading such as `### Time Estimate`; efforts of single phases are left alone. */
function estimateOf(outline: Outline, section: ItemSection): number | null {
  for (const field of section.fields) {
    if (field.kind !== 'estimate' || !field.own || (field.under !== null && !field.heading)) continue;
    const texts = field.heading
      ? blockBelow(outline, field, section, section.stops, false).entries
      : [inlineValue(outline, field)];
    for (const text of texts) {
      const hours = readEstimate(text);
      if (hours !== null) return hours;
    }
  }
  return null;
}
