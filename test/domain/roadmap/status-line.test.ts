import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Item, ItemStatus } from '../../../source/domain/item.ts';
import { parseRoadmap } from '../../../source/domain/roadmap/parse.ts';
import { findSection, rewriteStatus } from '../../../source/domain/roadmap/status-line.ts';

const fixture = readFileSync(new URL('../../fixtures/roadmap/lighthouse.md', import.meta.url), 'utf8');
const statuses: readonly ItemStatus[] = [
  'planned',
  'in-progress',
  'complete',
  'blocked',
  'manual-review',
  'testing',
  'failed',
];

function items(text: string): readonly Item[] {
  return parseRoadmap(text, { path: null }).items;
}

function first(text: string): Item {
  const [item] = items(text);
  if (item === undefined) throw new Error('no item');
  return item;
}

describe('the status in a section', () => {
  test.each([
    ['**Status**: 📝 Planned', '**Status**: ✅ Complete'],
    ['**Status**: 📝 Planned - **START HERE**', '**Status**: ✅ Complete'],
    ['**Status:** 📝 Planned', '**Status:** ✅ Complete'],
    ['- **Status**: 📝 Planned', '- **Status**: ✅ Complete'],
    ['**Status**:📝 Planned', '**Status**: ✅ Complete'],
    ['**Status**: 📝 Planned  ', '**Status**: ✅ Complete  '],
    [
      '**Status**: ⏸️ Blocked (Depends on PRIORITY-28, 27) - later',
      '**Status**: ✅ Complete (Depends on PRIORITY-28, 27)',
    ],
    [
      '**Priority**: HIGH | **Status**: 📝 Planned | **Effort**: 2 days',
      '**Priority**: HIGH | **Status**: ✅ Complete | **Effort**: 2 days',
    ],
    ['**Status**:\n🔄 In Progress', '**Status**:\n✅ Complete'],
    ['**Status**:\n- 🔄 In Progress', '**Status**:\n- ✅ Complete'],
    ['Status: Planned', 'Status: ✅ Complete'],
    ['```\n**Status**: 🔄\n```\n**Status**: 📝 Planned', '```\n**Status**: 🔄\n```\n**Status**: ✅ Complete'],
  ])('%s', (before, after) => {
    const text = `## US-001: A\n\n${before}\n\n## US-002: B\n**Status**: 📝 Planned\n`;
    const changed = rewriteStatus(text, first(text), 'complete');
    expect(changed?.text).toBe(`## US-001: A\n\n${after}\n\n## US-002: B\n**Status**: 📝 Planned\n`);
  });
});

describe('the status in a heading', () => {
  test.each([
    ['### US-001: A 📝 Planned', '### US-001: A ✅ Complete'],
    ['### US-001: A', '### US-001: A ✅ Complete'],
    ['### US-001: A ##', '### US-001: A ✅ Complete ##'],
    ['## 📝 PLANNED: US-001 - A', '## ✅ COMPLETE: US-001 - A'],
    ['## 📝 READY TO IMPLEMENT: US-001 - A', '## ✅ COMPLETE: US-001 - A'],
    ['## PLANNED: US-001 - A', '## COMPLETE: US-001 - A'],
    ['### 🔄 **PRIORITY 5: A** ⚡ NEW', '### ✅ **PRIORITY 5: A** ⚡ NEW'],
    ['### 🔄 **PRIORITY 5: A** 📝 Planned', '### ✅ **PRIORITY 5: A** ✅ Complete'],
    ['### 🔴 **PRIORITY 5: A** ⚡ **NOTE**', '### 🔴 **PRIORITY 5: A** ⚡ **NOTE** ✅ Complete'],
    ['### **US-001: A 📝 Planned**', '### **US-001: A ✅ Complete**'],
    ['### US-001: A (Planned)', '### US-001: A (✅ Complete)'],
    ['### US-001: A ⏸️ Deferred until US-006 complete', '### US-001: A ✅ Complete'],
    ['### US-001: A ⏸️ Blocked (Depends on US-2)', '### US-001: A ✅ Complete (Depends on US-2)'],
    ['### US-001: Add 🔄 button', '### US-001: Add 🔄 button ✅ Complete'],
  ])('%s', (before, after) => {
    const text = `${before}\n\ntext\n`;
    expect(rewriteStatus(text, first(text), 'complete')).toEqual({ text: `${after}\n\ntext\n`, line: 1 });
  });
});

describe('finding the item again', () => {
  const text = '## US-001: A 📝\n\n## US-002: B 📝\n';
  const item = { key: 'US-002', line: 3, heading: '## US-002: B 📝' };

  test('after lines were added above', () => {
    expect(rewriteStatus(`# New\n\n${text}`, item, 'complete')).toEqual({
      text: `# New\n\n${text.replace('B 📝', 'B ✅ Complete')}`,
      line: 5,
    });
  });

  test('after its heading changed', () => {
    expect(rewriteStatus(text.replace('B 📝', 'B, bigger 🔄'), item, 'complete')?.line).toBe(3);
  });

  test('not when it is gone', () => {
    expect(rewriteStatus('## US-001: A 📝\n', item, 'complete')).toBeNull();
    expect(findSection('## US-001: A 📝\n', item)).toBeNull();
  });

  test('not when it stands in a fence now', () => {
    expect(rewriteStatus(`\`\`\`\n${text}\`\`\`\n`, item, 'complete')).toBeNull();
  });

  test('by heading among copies of the id', () => {
    const copies = '## US-001: A 📝\n\n## US-001: B 📝\n';
    const second = items(copies)[1];
    if (second === undefined) throw new Error('no second item');
    expect(rewriteStatus(`x\n${copies}`, second, 'complete')?.text).toBe(
      'x\n## US-001: A 📝\n\n## US-001: B ✅ Complete\n',
    );
    expect(rewriteStatus(`x\n${copies.replace('B 📝', 'B 🔄')}`, second, 'complete')?.line).toBe(4);
    expect(rewriteStatus(copies.replace('B 📝', 'C 📝'), second, 'complete')).toBeNull();
  });

  test('only unmoved among copies that look alike', () => {
    const copies = '## US-001: A 📝\n\n## US-001: A 📝\n';
    const second = items(copies)[1];
    if (second === undefined) throw new Error('no second item');
    expect(rewriteStatus(copies, second, 'complete')).toEqual({
      text: '## US-001: A 📝\n\n## US-001: A ✅ Complete\n',
      line: 3,
    });
    expect(rewriteStatus(`x\n${copies}`, second, 'complete')).toBeNull();
  });

  test('changes nothing where it says so already, and writes no unknown status', () => {
    const done = '## US-001: A\n**Status**: ✅ DONE (2024)\n';
    expect(rewriteStatus(done, first(done), 'complete')).toEqual({ text: done, line: 2 });
    const inHeading = '## US-001: A ✅ Done long ago\n';
    expect(rewriteStatus(inHeading, first(inHeading), 'complete')).toEqual({ text: inHeading, line: 1 });
    expect(rewriteStatus(done, first(done), 'unknown')).toBeNull();
  });
});

/** Everything that a status must not change. */
function rest(item: Item) {
  const { status: _status, heading: _heading, id: _id, ...other } = item;
  return other;
}

describe('for any item and status', () => {
  const ends = fc.constantFrom('\n', '\r\n');
  const head = fc.constantFrom(
    '## US-101: A',
    '### PRIORITY 7: US-102 - B 📝 Planned',
    '### 🔴 **PRIORITY 2.65: C** ⚡ **NOTE**',
    '## 📝 READY TO IMPLEMENT: US-103 - D',
    '## DEFERRED: US-104 - E',
    '### ✅ **PRIORITY 5: F** ⚡ COMPLETE',
    '### US-105: G (Planned)',
    '### US-106: H - COMPLETE',
    '### US-107: I ⏸️ Deferred until US-101 complete (depends on US-101)',
    '### BUG-XXX - J 🔄 **RELIABILITY**',
    '### US-108 ❌',
    '### **US-109: K 🧪 Testing** (soon)',
  );
  const body = fc.constantFrom(
    '',
    '**Status**: 📝 Planned - **START HERE** `src/x.ts`',
    '**Status:** whatever (depends on US-101, US-103)',
    '**Status**:',
    '**Status**:\n\n🔄 In Progress',
    '**Effort**: 2 days | **Status**: Done | **Files**: `a.ts`',
    '- **Status**: ❌ Failed\n- **Dependencies**: US-101',
    '```\n**Status**: 📝 Planned\n```',
    '### Status\n\n📝 Planned',
    '#### Phase 1\n**Status**: ✅ Complete',
  );
  const roadmap = fc
    .tuple(fc.array(fc.tuple(head, body), { minLength: 1, maxLength: 8 }), ends)
    .map(([parts, end]) => `# Top\n\n${parts.map(([a, b]) => `${a}\n${b}\n`).join('\n')}`.replaceAll('\n', end));

  test('one line changes, and reading again gives that status and nothing else new', () => {
    fc.assert(
      fc.property(roadmap, fc.nat(), fc.constantFrom(...statuses), (text, pick, status) => {
        const before = items(text);
        const item = before[pick % before.length];
        if (item === undefined) return;
        const changed = rewriteStatus(text, item, status);
        expect(changed).not.toBeNull();
        if (changed === null) return;
        const [old, now] = [text.split('\n'), changed.text.split('\n')];
        expect(now.length).toBe(old.length);
        const touched = now.flatMap((line, at) => (line === old[at] ? [] : [at + 1]));
        expect(touched).toEqual(item.status === status ? [] : [changed.line]);
        const after = items(changed.text);
        expect(after.map(rest)).toEqual(before.map(rest));
        expect(after.map(one => one.status)).toEqual(before.map(one => (one.id === item.id ? status : one.status)));
      }),
      { numRuns: 500 },
    );
  });

  test('in a whole file', () => {
    for (const item of items(fixture)) {
      const changed = rewriteStatus(fixture, item, 'failed');
      expect(items(changed?.text ?? '').find(one => one.line === item.line)?.status).toBe('failed');
    }
  });
});

test('findSection gives the lines of the item now', () => {
  const item = items(fixture).find(one => one.key === 'US-102');
  if (item === undefined) throw new Error('no item');
  expect(findSection(fixture, item)).toEqual({ line: item.line, endLine: item.endLine });
  expect(findSection(`x\n\n${fixture}`, item)).toEqual({ line: item.line + 2, endLine: item.endLine + 2 });
});
