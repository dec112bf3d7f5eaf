/**
 * GSD (`.planning/ROADMAP.md`): a list of phases, a section for each with what it depends on and its plans, and a table of progress. A phase
 * with plans is a group of them; one without is an item itself.
 */
import { dirname } from 'node:path/posix';
import type { ItemStatus, SourceProblem } from '../../../domain/item.ts';
import type { Outline } from '../../../domain/roadmap/document/outline.ts';
import { readStatus, statusOfBox } from '../../../domain/roadmap/status.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { FoundItem } from '../../../ports/sources.ts';
import { plainWords } from '../reading/boxes.ts';
import { setBox } from '../reading/checkboxes.ts';
import { type FileContent, type FileFormat, gather, plainItem, type SourceFile } from '../reading/format.ts';
import { readFrontMatter } from '../reading/front-matter.ts';
import { textsValue } from '../reading/values.ts';
import { pathsIn, plainTitle, scopeFromPaths, slugOfWords } from '../reading/words.ts';
import {
  fieldIn,
  type Phase,
  type PhasePlan,
  type PhaseReading,
  phasesBefore,
  readPhases,
  statusesInTable,
} from './phases.ts';

function statusOfPhase(phase: Phase, outline: Outline, table: ReadonlyMap<string, ItemStatus>): ItemStatus {
  if (phase.box !== null) return statusOfBox(phase.box.mark) ?? 'unknown';
  const written = fieldIn(outline, phase, /^status$/i);
  const own = written === null ? 'unknown' : readStatus(written);
  return own === 'unknown' ? (table.get(phase.number) ?? 'unknown') : own;
}

function phaseName(number: string): string {
  return `phase-${number}`;
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
function planFile(file: SourceFile, phase: Phase, plan: PhasePlan): PlanFile | null {
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

function* planItems(file: SourceFile, outline: Outline, phase: Phase, before: readonly string[]): Generator<FoundItem> {
  const group = sanitizeLine(`Phase ${phase.number}: ${plainWords(phase.title)}`, 120);
  const section = outline.lines.slice(phase.start, phase.end).join('\n').trim();
  const isDone = phase.box !== null && statusOfBox(phase.box.mark) === 'complete';
  for (const [at, plan] of phase.plans.entries()) {
    const more = planFile(file, phase, plan);
    const wave = more?.wave ?? plan.wave;
    // Without a wave the order of the list counts, and what the file or its words name as well.
    const previous =
      wave === null
        ? phase.plans.slice(Math.max(0, at - 1), at)
        : more?.wave == null
          ? phase.plans.filter(one => one.wave !== null && one.wave < wave)
          : [];
    const within = [...previous.map(({ id }) => id), ...plan.wants, ...(more?.wants ?? [])];
    const files = more?.files.flatMap(path => pathsIn(`\`${path}\``, false)) ?? [];
    const words = outline.lines.slice(plan.box.index, plan.box.end).join('\n');
    yield {
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
      notes: wave === null ? ['no wave is known, so it follows the plan before it'] : [],
      scope: files.length > 0 ? scopeFromPaths(files, 'known') : scopeFromPaths(pathsIn(words, false), 'inferred'),
      group,
      parallel: wave === null ? null : true,
      text:
        more === null
          ? `${plan.id}: ${plan.title}\n\nIt is a part of this phase:\n\n${section}`
          : `From ${more.path}:\n\n${more.text.trim()}`,
    };
  }
}

function* itemsOf(file: SourceFile, { outline, phases }: PhaseReading): Generator<FoundItem> {
  const table = statusesInTable(outline);
  for (const phase of phases) {
    const before = phasesBefore(outline, phase, phases).flatMap(leafNames);
    if (phase.plans.length > 0) {
      yield* planItems(file, outline, phase, before);
      continue;
    }
    const name = phaseName(phase.number);
    const section = outline.lines.slice(phase.start, Math.max(phase.start + 1, phase.end)).join('\n');
    yield {
      ...plainItem,
      name,
      short: name,
      names: [`Phase ${phase.number}`],
      title: plainTitle(phase.title, name),
      status: statusOfPhase(phase, outline, table),
      heading: sanitizeLine(outline.lines[phase.box?.index ?? phase.start] ?? '', 400),
      line: (phase.box?.index ?? phase.start) + 1,
      endLine: Math.max(phase.start + 1, phase.end),
      path: file.path,
      wants: before,
      scope: scopeFromPaths(pathsIn(section, false), 'inferred'),
      group: sanitizeLine(`Phase ${phase.number}: ${plainWords(phase.title)}`, 120),
      text: section.trim(),
    };
  }
}

function read(file: SourceFile): FileContent {
  const reading = readPhases(file.text);
  const problems: SourceProblem[] = [];
  const noted = (item: FoundItem): FoundItem => {
    if (item.status === 'unknown') {
      const message = `${item.short} has no status that is known, so it never runs. Add a checkbox for it under "## Phases".`;
      problems.push({ line: item.line, code: 'status', message });
    }
    return item;
  };
  return gather(file.path, itemsOf(file, reading), noted, problems, reading.isCut ? 1 : 0);
}

export const gsd: FileFormat = {
  type: 'gsd',
  looksLike: (text, path) =>
    /(?:^|\/)\.planning\//.test(path) ||
    /^[ \t]*[-*] \[.\] (?:\*\*)?Phase \d/m.test(text) ||
    /^[ \t]*[-*] \[.\] \d\d-\d\d\b/m.test(text),
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
