/**
 * GSD (`.planning/ROADMAP.md`): a list of phases, a section for each with what it depends on and its plans, and a table of progress. A phase
 * with plans is a group of them; one without is an item itself.
 */
import { dirname } from 'node:path/posix';
import type { ItemStatus } from '../../domain/item.ts';
import { type Outline, readOutline } from '../../domain/roadmap/document/outline.ts';
import { readStatus, statusOfBox } from '../../domain/roadmap/status.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { FoundItem } from '../../ports/sources.ts';
import { type Box, plainWords, readBoxes } from './reading/boxes.ts';
import { setBox } from './reading/checkboxes.ts';
import { type FileFormat, limited, plainItem, type SourceFile } from './reading/format.ts';
import { readFrontMatter } from './reading/front-matter.ts';
import { textsValue } from './reading/values.ts';
import { pathsIn, plainTitle, scopeFromPaths, slugOfWords } from './reading/words.ts';

interface Plan {
  readonly id: string;
  readonly title: string;
  readonly box: Box;
}

interface Phase {
  readonly number: string;
  readonly title: string;
  /** Lines of its section as indices; equal where it has none. */
  readonly start: number;
  readonly end: number;
  box: Box | null;
  readonly plans: Plan[];
}

const phaseWords = /^(?:[^\p{L}\d]*)Phase\s+(\d{1,4}(?:\.\d{1,4})?)\s*[:.–—-]?\s*(.*)$/iu;
const planWords =
  /^(?:Plan\s+)?(\d{1,4}(?:\.\d{1,4})?-\d{1,4}|\d{1,4}\.\d{1,4})(?:-PLAN(?:\.md)?|\.md)?\s*[:–—-]?\s*(.*)$/iu;

function readPhases(text: string): { readonly outline: Outline; readonly phases: readonly Phase[] } {
  const outline = readOutline(text);
  const { boxes } = readBoxes(text);
  const phases = new Map<string, Phase>();
  const add = (number: string, title: string, start: number, end: number): Phase => {
    const known = phases.get(number);
    if (known !== undefined && (known.end > known.start || end === start)) return known;
    const phase = {
      number,
      title: known?.title ?? title,
      start,
      end,
      box: known?.box ?? null,
      plans: known?.plans ?? [],
    };
    phases.set(number, phase);
    return phase;
  };
  for (const box of boxes) {
    const match = phaseWords.exec(plainWords(box.text));
    if (match === null) continue;
    const phase = add(match[1] ?? '', (match[2] ?? '').split(/\s[-–—]\s/)[0] ?? '', box.index, box.index);
    phase.box ??= box;
  }
  for (const [at, heading] of outline.headings.entries()) {
    const match = phaseWords.exec(plainWords((outline.lines[heading.index] ?? '').slice(heading.start, heading.end)));
    if (match === null) continue;
    const end =
      outline.headings.slice(at + 1).find(other => other.level <= heading.level)?.index ?? outline.lines.length;
    const phase = add(match[1] ?? '', match[2] ?? '', heading.index, end);
    for (const box of boxes) {
      if (box.index <= heading.index || box.index >= end || box.hasChildren) continue;
      const plan = planWords.exec(plainWords(box.text));
      if (plan !== null) phase.plans.push({ id: plan[1] ?? '', title: plan[2] ?? '', box });
    }
  }
  return { outline, phases: [...phases.values()] };
}

/** The value of a label such as `**Depends on**:` in a phase's section; null: it has none. */
function fieldIn({ lines }: Outline, { start, end }: Phase, label: RegExp): string | null {
  for (let index = start; index < end; index++) {
    const match = /^\s*(?:[-*]\s+)?\*\*([^*:]+):?\*\*:?\s*(.*)$/.exec(lines[index] ?? '');
    if (match !== null && label.test(match[1] ?? '')) return (match[2] ?? '').trim();
  }
  return null;
}

/** What the table of progress says of a phase; null: it is not in one. */
function statusInTable({ lines }: Outline, number: string): ItemStatus | null {
  for (const line of lines) {
    if (!line.startsWith('|')) continue;
    const cells = line.split('|').map(cell => cell.trim());
    if (/^(?:Phase\s+)?(\d{1,4}(?:\.\d{1,4})?)\b/i.exec(cells[1] ?? '')?.[1] !== number) continue;
    const known = cells
      .slice(2)
      .map(readStatus)
      .find(status => status !== 'unknown');
    if (known !== undefined) return known;
  }
  return null;
}

function statusOfPhase(outline: Outline, phase: Phase): ItemStatus {
  if (phase.box !== null) return statusOfBox(phase.box.mark) ?? 'unknown';
  const written = fieldIn(outline, phase, /^status$/i);
  const own = written === null ? 'unknown' : readStatus(written);
  return own === 'unknown' ? (statusInTable(outline, phase.number) ?? 'unknown') : own;
}

function phaseName(number: string): string {
  return `phase-${number}`;
}

/** Phases that a phase waits for: those it names; the one before it where it says nothing. */
function phasesBefore(outline: Outline, phase: Phase, all: readonly Phase[]): readonly Phase[] {
  const written = fieldIn(outline, phase, /^depends on$/i);
  const at = all.indexOf(phase);
  if (written === null) return at > 0 ? all.slice(at - 1, at) : [];
  const numbers: readonly string[] = /^(?:nothing|none|n\/a)/i.test(written)
    ? []
    : (written.match(/\d{1,4}(?:\.\d{1,4})?/g) ?? []);
  return all.filter(one => one !== phase && numbers.includes(one.number));
}

function leafNames(phase: Phase): readonly string[] {
  return phase.plans.length > 0 ? phase.plans.map(({ id }) => id) : [phaseName(phase.number)];
}

interface PlanFile {
  readonly path: string;
  readonly text: string;
  readonly wants: readonly string[];
  readonly files: readonly string[];
  readonly wave: number | null;
}

/** The file that says more of a plan, where the phase's folder has the name that its title gives. */
function planFile(file: SourceFile, phase: Phase, plan: Plan): PlanFile | null {
  const padded = phase.number.replace(/^\d+/, digits => digits.padStart(2, '0'));
  const folder = `${dirname(file.path)}/phases/${padded}-${slugOfWords(phase.title)}`;
  const path = `${folder}/${plan.id}-PLAN.md`;
  const text = file.beside(path);
  if (text === null) return null;
  const matter = readFrontMatter(text);
  if (matter === null || typeof matter === 'string') return { path, text, wants: [], files: [], wave: null };
  const { values, body } = matter;
  const wave = typeof values.wave === 'number' ? values.wave : null;
  return {
    path,
    text: body,
    wants: textsValue(values, 'depends_on'),
    files: textsValue(values, 'files_modified'),
    wave,
  };
}

function planItems(file: SourceFile, outline: Outline, phase: Phase, before: readonly string[]): readonly FoundItem[] {
  const group = sanitizeLine(`Phase ${phase.number}: ${plainWords(phase.title)}`, 120);
  const section = outline.lines.slice(phase.start, phase.end).join('\n').trim();
  const isDone = phase.box !== null && statusOfBox(phase.box.mark) === 'complete';
  return phase.plans.map((plan, at) => {
    const more = planFile(file, phase, plan);
    const previous = phase.plans.slice(Math.max(0, at - 1), at).map(({ id }) => id);
    // Without a wave the order of the list counts, and what the file names as well.
    const within = [...(more === null || more.wave === null ? previous : []), ...(more?.wants ?? [])];
    const files = more?.files.flatMap(path => pathsIn(`\`${path}\``, false)) ?? [];
    const words = outline.lines.slice(plan.box.index, plan.box.end).join('\n');
    return {
      ...plainItem,
      name: plan.id,
      short: plan.id,
      title: plainTitle(plan.title, plan.id),
      status: isDone ? 'complete' : (statusOfBox(plan.box.mark) ?? 'unknown'),
      heading: sanitizeLine(outline.lines[plan.box.index] ?? '', 400),
      line: plan.box.index + 1,
      endLine: plan.box.end,
      path: file.path,
      wants: [...new Set([...before, ...within])],
      notes: more === null ? ['no plan file was found, so it follows the plan before it'] : [],
      scope: files.length > 0 ? scopeFromPaths(files, 'known') : scopeFromPaths(pathsIn(words, false), 'inferred'),
      group,
      parallel: more === null || more.wave === null ? null : true,
      text:
        more === null
          ? `${plan.id}: ${plan.title}\n\nIt is a part of this phase:\n\n${section}`
          : `From ${more.path}:\n\n${more.text.trim()}`,
    };
  });
}

function read(file: SourceFile) {
  const { outline, phases } = readPhases(file.text);
  const items = phases.flatMap((phase): readonly FoundItem[] => {
    const before = phasesBefore(outline, phase, phases).flatMap(leafNames);
    if (phase.plans.length > 0) return planItems(file, outline, phase, before);
    const name = phaseName(phase.number);
    const section = outline.lines.slice(phase.start, Math.max(phase.start + 1, phase.end)).join('\n');
    return [
      {
        ...plainItem,
        name,
        short: name,
        names: [`Phase ${phase.number}`],
        title: plainTitle(phase.title, name),
        status: statusOfPhase(outline, phase),
        heading: sanitizeLine(outline.lines[phase.box?.index ?? phase.start] ?? '', 400),
        line: (phase.box?.index ?? phase.start) + 1,
        endLine: Math.max(phase.start + 1, phase.end),
        path: file.path,
        wants: before,
        scope: scopeFromPaths(pathsIn(section, false), 'inferred'),
        group: sanitizeLine(`Phase ${phase.number}: ${plainWords(phase.title)}`, 120),
        text: section.trim(),
      },
    ];
  });
  const unknown = items.filter(item => item.status === 'unknown');
  const problems = unknown.map(({ short, line }) => ({
    line,
    code: 'status',
    message: `${short} has no status that is known, so it never runs. Add a checkbox for it under "## Phases".`,
  }));
  return limited({ items, problems }, file.path);
}

export const gsd: FileFormat = {
  type: 'gsd',
  looksLike: (text, path) =>
    /(?:^|\/)\.planning\//.test(path) ||
    /^\s*[-*] \[.\] (?:\*\*)?Phase \d/m.test(text) ||
    /^\s*[-*] \[.\] \d\d-\d\d\b/m.test(text),
  read,
  setStatus(file, name, to) {
    const { phases } = readPhases(file.text);
    const found = phases.flatMap(phase => [
      ...(phaseName(phase.number) === name && phase.plans.length === 0 && phase.box !== null ? [phase.box] : []),
      ...phase.plans.filter(({ id }) => id === name).map(({ box }) => box),
    ]);
    const [box, another] = found;
    return box === undefined || another !== undefined ? null : setBox(new Map([[name, box]]), name, to);
  },
};
