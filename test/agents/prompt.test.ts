import { describe, expect, test } from 'vitest';
import { buildPrompt, type PromptParts } from '../../source/agents/launch/prompt.ts';
import type { Item } from '../../source/domain/item.ts';

const item: Item = {
  id: 'US-043',
  key: 'US-043',
  aliases: [],
  title: 'Coupons',
  status: 'planned',
  heading: '### US-043: Coupons',
  line: 10,
  endLine: 20,
  dependsOn: [],
  notes: [],
  scope: { kind: 'known', paths: ['src/coupons.js', 'test/**'] },
  agentType: 'code_developer',
  agentProgram: null,
  estimateHours: null,
  duplicate: false,
  prompt: null,
};

const parts: PromptParts = {
  item,
  sectionText: '### US-043: Coupons\n\nA code takes a share off; not {{rules}}.',
  ownership: {
    rules: [
      { pattern: 'src/**', owner: 'code_developer', line: 3 },
      { pattern: 'docs/**', owner: 'project_manager', line: 4 },
    ],
    readOnly: ['assistant'],
    ignoredRows: 0,
  },
  agentType: 'code_developer',
  scope: item.scope,
  branch: 'roadmap-043',
  base: 'b'.repeat(40),
  checks: [['node', '--test'], 'npm run lint && true'],
  template: null,
};

describe('prompt', () => {
  test('holds the task, the paths, the owners, the checks and the rules', () => {
    const prompt = buildPrompt(parts);
    expect(prompt).toContain('# US-043: Coupons');
    expect(prompt).toContain('A code takes a share off; not {{rules}}.');
    expect(prompt).toContain('- `src/coupons.js`\n- `test/**`');
    expect(prompt).toContain('- `src/**`: code_developer (you)\n- `docs/**`: project_manager');
    expect(prompt).toContain('- `node --test`\n- `npm run lint && true`');
    expect(prompt).toMatch(/Commit all your work on the branch `roadmap-043`/);
    expect(prompt).toMatch(/Do not edit status lines in the ROADMAP/);
    expect(prompt).toMatch(/Do not switch branches, push/);
    expect(prompt).toMatch(/Never use `git stash`.*commit it on this branch \(`git commit -m wip`\)/);
    expect(prompt).not.toMatch(/undefined|\{\{(?!rules)/);
  });

  test('an unknown scope and a read-only role are said plainly', () => {
    const prompt = buildPrompt({ ...parts, scope: { kind: 'unknown', paths: [] }, agentType: 'assistant' });
    expect(prompt).toContain('The item names none.');
    expect(prompt).toContain('`assistant` may not change files');
  });

  test('an ad-hoc item brings its own words', () => {
    expect(buildPrompt({ ...parts, item: { ...item, prompt: 'Fix the typo' }, sectionText: '' })).toContain(
      '## The work\n\nFix the typo\n',
    );
  });

  test('a template replaces all of it; values are not expanded again, unknown placeholders stay', () => {
    const template = '{{key}} | {{ title }} | {{branch}} | {{nonsense}} | {{section}}';
    expect(buildPrompt({ ...parts, template })).toBe(
      'US-043 | Coupons | roadmap-043 | {{nonsense}} | ### US-043: Coupons\n\nA code takes a share off; not {{rules}}.',
    );
  });

  test('dollar signs of a section are no replacement patterns', () => {
    expect(buildPrompt({ ...parts, sectionText: "costs $& and $' and $1", template: '{{section}}' })).toBe(
      "costs $& and $' and $1",
    );
  });
});
