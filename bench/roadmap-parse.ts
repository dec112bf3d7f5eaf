import { parseRoadmap } from '../source/domain/roadmap/parse.ts';
import { median } from './helpers/median.ts';
import type { BenchResult } from './types.ts';

const wantedBytes = 1_200_000;
const rounds = 15;

const marks = ['✅ Complete', '📝 Planned', '🔄 In Progress', '⏸️ Deferred until later', ''];

/** The heading forms that a long-lived roadmap gathers. */
function heading(n: number): string {
  const mark = marks[n % marks.length] ?? '';
  const id = String(n).padStart(3, '0');
  const forms = [
    `### PRIORITY ${n}: US-${id} - Harbour item ${n} ${mark}`,
    `### 🔴 **PRIORITY ${n}.5: Harbour item ${n}** ⚡ **NOTE**`,
    `## US-${id}: Harbour item ${n}`,
    `## 📝 PLANNED: US-${id} - Harbour item ${n}`,
    `### 🎯 [US-${id}] Harbour item ${n}`,
  ];
  return forms[n % forms.length] ?? '';
}

/** One item of about 300 lines: fields, lists, sub-headings, fences with headings in them. */
function section(n: number): string {
  const lines = [
    heading(n),
    '',
    `**Status**: ${marks[(n + 1) % 4]} - HIGH`,
    `**Estimated Effort**: ${(n % 5) + 1}-${(n % 5) + 3} days`,
    `**Dependencies**: US-${String(Math.max(1, n - 1)).padStart(3, '0')} (must be done first), a crane (hired)`,
    '',
  ];
  for (let part = 1; part <= 7; part++) {
    lines.push(`#### Part ${part}: quay ${n}`, '', `**Files to Modify**:`, '');
    for (let row = 0; row < 12; row++) {
      lines.push(
        `- [ ] **Step ${row}**: extend \`quay/part${part}/step${row}.ts\` so that boats of kind ${row} find their berth`,
      );
    }
    lines.push('', 'The harbour master wants to see at a glance which berth is free, and why a boat waits.', '');
    lines.push(
      '```markdown',
      `### PRIORITY ${n}: An example in a fence 📝 Planned`,
      '**Status**: 📝 Planned',
      '```',
      '',
    );
    for (let row = 0; row < 12; row++)
      lines.push(`   ${row + 1}. berth ${row} of ${n}: moor, unload, report (about ${row} hours)`);
    lines.push('', '| Berth | State | Since |', '|---|---|---|', `| ${n} | free | noon |`, '');
  }
  return lines.join('\n');
}

/** The same text in every run. */
function makeRoadmap(): string {
  const parts = ['# Harbour roadmap\n'];
  let bytes = 0;
  for (let n = 1; bytes < wantedBytes; n++) {
    const part = section(n);
    parts.push(part);
    bytes += Buffer.byteLength(part);
  }
  return parts.join('\n');
}

/** What reading a roadmap costs at least: splitting the text and one look at each line. */
function countHeadings(text: string): number {
  let count = 0;
  for (const line of text.split('\n')) if (/^#{2,3} .*\b(?:US|PRIORITY)[- ]\d/.test(line)) count++;
  return count;
}

/** Parses 1.2 MB again and again, each time beside the baseline on the same text; the medians count. */
export async function run(): Promise<BenchResult> {
  const text = makeRoadmap();
  const parse: number[] = [];
  const look: number[] = [];
  let items = 0;
  let first = 0;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    items = parseRoadmap(text, { path: null }).items.length;
    const middle = performance.now();
    if (countHeadings(text) < items) throw new Error('the roadmap of the benchmark was not read as it was written');
    parse.push(middle - start);
    look.push(performance.now() - middle);
    if (round === 0) first = middle - start;
  }
  const value = median(parse);
  const baseline = median(look);
  const lines = text.split('\n').length;
  return {
    name: 'ROADMAP of 1.2 MB',
    unit: 'ms',
    value,
    baseline,
    baselineName: 'split and one regular expression per line',
    ratio: value / baseline,
    limit: 200,
    limitOn: 'value',
    note: `${items} items, ${lines} lines; first parse ${first.toFixed(0)} ms`,
  };
}
