import { describe, expect, test } from 'vitest';
import { parseRoadmap } from '../../../source/domain/roadmap/parse.ts';

/** The only item of a text, as far as its heading tells. */
function read(heading: string) {
  const { items } = parseRoadmap(`${heading}\n`, { path: null });
  return items.map(item => [item.key, item.aliases.join(' '), item.title, item.status].join(' | '));
}

describe('headings that are items', () => {
  test.each([
    ['### PRIORITY 23: US-108 - Parallel runs ✅ Complete', 'US-108 | PRIORITY-23 | Parallel runs | complete'],
    ['### 🔴 **PRIORITY 2.65: End to end** ⚡ **NOTE**', 'PRIORITY-2.65 |  | End to end | unknown'],
    ['## US-043: Faster delivery', 'US-043 |  | Faster delivery | unknown'],
    ['### US-047: Specs 📝 Planned', 'US-047 |  | Specs | planned'],
    ['## 📝 PLANNED: US-015 - Metrics', 'US-015 |  | Metrics | planned'],
    ['## 📝 READY TO IMPLEMENT: US-012 - Stories', 'US-012 |  | Stories | planned'],
    ['## READY TO IMPLEMENT: US-012 - Stories', 'US-012 |  | Stories | planned'],
    ['## ✅ RECENTLY COMPLETED: US-010 - Docs', 'US-010 |  | Docs | complete'],
    ['### 🎯 [US-001] Deploy', 'US-001 |  | Deploy | unknown'],
    ['### PRIORITY 27: BUG-XXX - Crash 🔴 P0 CRITICAL', 'PRIORITY-27 |  | Crash | unknown'],
    ['### PRIORITY 27: BUG-067 - Crash 🔴 P0 CRITICAL', 'BUG-067 | PRIORITY-27 | Crash | unknown'],
    ['### 🔴 **PRIORITÉ 2: Titre** ⚡', 'PRIORITY-2 |  | Titre | unknown'],
    ['### 🔴 **PRIORITE\u0301 2: Titre** ⚡', 'PRIORITY-2 |  | Titre | unknown'],
    ['### BUG-7: Crash on start 🧪 Testing', 'BUG-7 |  | Crash on start | testing'],
    ['### TASK-1: Look at it 🚧 Manual Review', 'TASK-1 |  | Look at it | manual-review'],
    ['### BUG-XXX - Not numbered yet 📝 Planned', 'BUG-XXX |  | Not numbered yet | planned'],
    ['### US-048: Later ⏸️ Deferred until US-006 complete', 'US-048 |  | Later | blocked'],
    ['### US-048: Later \u23f8 Blocked', 'US-048 |  | Later | blocked'],
    ['### US-049: Core 🔄 MOSTLY COMPLETE', 'US-049 |  | Core | in-progress'],
    ['### ✅ **PRIORITY 5: Dashboard** ⚡ COMPLETE', 'PRIORITY-5 |  | Dashboard | complete'],
    ['### 🔴 **PRIORITY 7: Recovery** 🔄 **RELIABILITY**', 'PRIORITY-7 |  | Recovery | in-progress'],
    ['### US-068: Broken ❌', 'US-068 |  | Broken | failed'],
    ['### US-050: Words (Planned)', 'US-050 |  | Words | planned'],
    ['### US-051: Words - COMPLETE', 'US-051 |  | Words | complete'],
    ['### US-052 No colon 📝 Planned', 'US-052 |  | No colon | planned'],
    ['### US-062 (PRIORITY 30): Both', 'US-062 | PRIORITY-30 | Both | unknown'],
    ['### PRIORITY 31 / US-063: Both', 'US-063 | PRIORITY-31 | Both | unknown'],
    ['### PRIORITY 8: US-010 follow-up work 📝 Planned', 'PRIORITY-8 |  | US-010 follow-up work | planned'],
    ['### US-065 - 2 factor login', 'US-065 |  | 2 factor login | unknown'],
    ['### US-066: Add 🔄 button 📝 Planned', 'US-066 |  | Add 🔄 button | planned'],
    ['## US-017: Summary & Calendar', 'US-017 |  | Summary & Calendar | unknown'],
    ['### US-075: Retry logic - testing', 'US-075 |  | Retry logic - testing | unknown'],
    ['### US-076: Complete the migration', 'US-076 |  | Complete the migration | unknown'],
    ['## US-073: Closed ##', 'US-073 |  | Closed | unknown'],
    ['### **US-077: Bold 📝 Planned**', 'US-077 |  | Bold | planned'],
    ['### US-070', 'US-070 |  | US-070 | unknown'],
    ['   ### US-071: Indented by three', 'US-071 |  | Indented by three | unknown'],
    ['### us-072: small letters', 'US-072 |  | small letters | unknown'],
    ['## 🔴 URGENT: US-079 - Now', 'US-079 |  | Now | unknown'],
  ])('%s', (heading, expected) => {
    expect(read(heading)).toEqual([expected]);
  });
});

describe('headings that are none', () => {
  test.each([
    '### US-078 through US-083',
    '### US-084 through US-089: Curators',
    '### US-090 - US-096: Migration',
    '### US-090–US-096: Migration',
    '### PRIORITY 1-5: Foundations',
    '### US-001, US-002: Two',
    '### US-001 & US-002: Two',
    '### US-001/US-002: Two',
    '### Group 1: Skills (US-090 through US-096) ✅ **COMPLETE**',
    '#### US-060: Level four',
    '# US-061: Level one',
    '## ✅ US-016 COMPLETION SUMMARY (2025-10-16)',
    '## US-016: Completion Summary ✅',
    '### Next Steps (Post-US-016)',
    '## 🔴 TOP PRIORITY FOR code_developer (START HERE)',
    '### **After PRIORITY 2: You Stop**',
    '### Analytics (Priority 1) ✅ MOSTLY COMPLETE',
    '### US-053 is mentioned here',
    '### Example: US-071 - Not real',
    '### PRIORITY X: Your feature 📝 Planned',
    '###US-001: No space',
    '    ### US-002: Indented code',
    '> ### US-003: Quoted',
    '- ### US-004: In a list',
    '### 1. US-015: In an enumeration',
    '### STATUS-12: Other word',
    '### US-12a: No number',
  ])('%s', heading => {
    expect(read(heading)).toEqual([]);
  });

  test('a placeholder for a number is reported', () => {
    const { items, problems } = parseRoadmap('# Roadmap\n\n## 📝 US-XXX - Mail\n', { path: null });
    expect(items).toEqual([]);
    expect(problems).toMatchObject([{ code: 'empty' }, { line: 3, code: 'id' }]);
  });
});

describe('text that only looks like a heading', () => {
  const item = '### US-001: Hidden 📝 Planned';
  test.each([
    ['fence', `\`\`\`\n${item}\n\`\`\``],
    ['fence with a language', `\`\`\`markdown\n${item}\n\`\`\``],
    ['tildes', `~~~\n${item}\n~~~`],
    ['a longer fence around a shorter one', `\`\`\`\`\n\`\`\`\n${item}\n\`\`\`\n${item}\n\`\`\`\``],
    ['tildes around back-ticks', `~~~\n\`\`\`\n${item}\n~~~`],
    ['a fence with a language closes none', `\`\`\`\n${item}\n\`\`\`js\n${item}\n\`\`\``],
    ['an indented fence', `   \`\`\`\n${item}\n   \`\`\``],
    ['a fence in a list', `1. Step\n\n   \`\`\`\n   ${item}\n   \`\`\``],
    ['a comment', `<!--\n${item}\n-->`],
  ])('%s', (_name, text) => {
    const all = parseRoadmap(`${text}\n\n### US-002: Shown 📝 Planned\n`, { path: null });
    expect(all.items.map(one => one.key)).toEqual(['US-002']);
    expect(all.problems).toEqual([]);
  });

  test('a fence that never ends is reported', () => {
    const { items, problems } = parseRoadmap(`### US-001: A 📝\n\n\`\`\`sh\nls\n\n### US-002: B 📝\n`, { path: null });
    expect(items.map(one => one.key)).toEqual(['US-001']);
    expect(problems).toMatchObject([{ line: 3, code: 'fence' }]);
  });

  test('a fence in a list item ends with the item', () => {
    const text = `- Step\n\n  \`\`\`sh\n  ls\n\n### US-001: A 📝 Planned\n`;
    expect(parseRoadmap(text, { path: null }).items.map(one => one.key)).toEqual(['US-001']);
  });

  test('inline code that begins a line is no fence', () => {
    const text = `\`\`\`not a fence\`\`\` it is not\n\n### US-001: A 📝 Planned\n`;
    expect(parseRoadmap(text, { path: null }).items.map(one => one.key)).toEqual(['US-001']);
  });
});

describe('sections', () => {
  test('end at the next item or at a heading of the same or a higher level', () => {
    const text = [
      '## US-001: First',
      'a',
      '### Notes',
      '#### More',
      '### US-002: Inside the first',
      'b',
      '### Not an item',
      'c',
      '## US-003: Third',
      '### Notes',
      '# Part two',
      'd',
    ].join('\n');
    const { items } = parseRoadmap(text, { path: null });
    expect(items.map(one => [one.key, one.line, one.endLine])).toEqual([
      ['US-001', 1, 4],
      ['US-002', 5, 6],
      ['US-003', 9, 10],
    ]);
  });

  test('line numbers hold for CRLF and a byte order mark', () => {
    const text = '\ufeff## US-001: First 📝 Planned\r\n\r\n**Status**: ✅ Complete\r\n\r\n## US-002: Second\r\n';
    const { items, problems } = parseRoadmap(text, { path: null });
    expect(items.map(one => [one.key, one.title, one.status, one.line, one.endLine, one.heading])).toEqual([
      ['US-001', 'First', 'complete', 1, 4, '## US-001: First 📝 Planned'],
      ['US-002', 'Second', 'unknown', 5, 5, '## US-002: Second'],
    ]);
    expect(problems.map(problem => [problem.line, problem.code])).toEqual([
      [1, 'mismatch'],
      [5, 'status'],
    ]);
  });
});
