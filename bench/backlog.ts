import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSources } from '../source/adapters/sources/index.ts';
import type { SourcesPort } from '../source/ports/sources.ts';

import type { BenchResult } from './types.ts';

const count = 5000;

/** A file as Backlog.md writes it: long titles are folded, titles with a colon are quoted. */
function task(n: number): string {
  const plain = `Improve berth number ${n}`;
  const title =
    n % 10 === 0
      ? `>-\n  ${plain} of the harbour so that\n  longer boats can moor`
      : n % 7 === 0
        ? `'Berth: ${plain}'`
        : plain;
  const status = n % 3 === 0 ? 'Done' : n % 5 === 0 ? 'In Progress' : 'To Do';
  return `---
id: TASK-${n}
title: ${title}
status: ${status}
assignee:
  - '@ada'
created_date: '2025-06-03 10:11'
labels:
  - quay
  - 'area: core'
dependencies:${n % 4 === 0 ? `\n  - TASK-${n - 1}` : ' []'}
milestone: m-1
ordinal: ${n * 1000}
---

## Description

<!-- SECTION:DESCRIPTION:BEGIN -->
The harbour master wants \`quay/part${n % 50}/berth${n}.ts\` to show which berth is free, see [the plan](docs/plan.md).
<!-- SECTION:DESCRIPTION:END -->

## Acceptance Criteria
<!-- AC:BEGIN -->
- [ ] #1 A free berth is shown
- [ ] #2 It is tested in \`quay/part${n % 50}/berth${n}.test.ts\`
<!-- AC:END -->

## Implementation Plan

<!-- SECTION:PLAN:BEGIN -->
1. Look at the berth
2. Change \`quay/part${n % 50}/list.ts\`
3. Test it
<!-- SECTION:PLAN:END -->
`;
}

/** Reads a folder of Backlog.md for the first time, as a start does, and sees one of its files change. */
export async function run(): Promise<readonly BenchResult[]> {
  const root = mkdtempSync(join(tmpdir(), 'cm-tui-bench-'));
  try {
    const folder = join(root, 'backlog', 'tasks');
    mkdirSync(folder, { recursive: true });
    for (let n = 1; n <= count; n++) writeFileSync(join(folder, `task-${n} - Improve-berth-number-${n}.md`), task(n));
    const start = performance.now();
    const names = readdirSync(folder);
    for (const name of names) readFileSync(join(folder, name), 'utf8');
    const baseline = performance.now() - start;
    const sources = createSources({ root, roadmap: null, ownership: null, readOnlyTypes: [] });
    const first = performance.now();
    const { roadmap } = await sources.read();
    const value = performance.now() - first;
    if (roadmap.items.length !== count || roadmap.problems.length > 0)
      throw new Error('the files were not read as they were written');
    const again = performance.now();
    await sources.read();
    const note = `looked at again in ${(performance.now() - again).toFixed(0)} ms`;
    const cold: BenchResult = {
      name: '5,000 files of Backlog.md, cold',
      unit: 'ms',
      value,
      baseline,
      baselineName: 'reading the files alone',
      ratio: value / baseline,
      limit: 500,
      limitOn: 'value',
      note,
    };
    return [cold, await change(folder, sources)];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** From a status that is written into one file to a reading that has it. */
async function change(folder: string, sources: SourcesPort): Promise<BenchResult> {
  const path = join(folder, 'task-1 - Improve-berth-number-1.md');
  const seen = waiting();
  const heard = waiting();
  const bare = watch(folder, () => heard.resolve(performance.now()));
  const stop = sources.watch?.(async () => {
    const { roadmap } = await sources.read();
    if (roadmap.items[0]?.status === 'complete') seen.resolve(performance.now());
  });
  const start = performance.now();
  writeFileSync(path, task(1).replace('status: To Do', 'status: Done'));
  const value = (await seen.promise) - start;
  const baseline = (await heard.promise) - start;
  stop?.();
  bare.close();
  return {
    name: 'A change in one of 5,000 files of Backlog.md, seen',
    unit: 'ms',
    value,
    baseline,
    baselineName: 'the first word of the system',
    ratio: value / baseline,
    limit: 1000,
    limitOn: 'value',
  };
}

/** A promise of a time, and what keeps it. */
function waiting(): { readonly promise: Promise<number>; readonly resolve: (time: number) => void } {
  let resolve: (time: number) => void = () => {};
  const promise = new Promise<number>(done => {
    resolve = done;
  });
  return { promise, resolve };
}
