import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseOwnership } from '../../source/domain/ownership/ownership-table.ts';

function rules(text: string): readonly string[] {
  return parseOwnership(text).ownership.rules.map(rule => `${rule.pattern} ${rule.owner} ${rule.line}`);
}

/** A table of one row. */
function row(path: string, owner = 'architect'): string {
  return `| File/Directory | Owner |\n|---|---|\n| ${path} | ${owner} |\n`;
}

describe('a table by file', () => {
  test('is read with any number of columns', () => {
    const text = `# Who owns what

| File/Directory | Owner | Can Modify? | Others | Notes |
|----------------|-------|:-----------:|--------|---|
| **docs/*.md** | project_manager | YES - top level | All others: READ-ONLY | |
| **docs/roadmap/** | **project_manager** | YES | READ-ONLY |
| \`src/\` | \`code_developer\` | YES | READ-ONLY | x |
| **User Interface** | user_listener | **ONLY UI** | - | - |
`;
    expect(rules(text)).toEqual([
      'docs/*.md project_manager 5',
      'docs/roadmap/** project_manager 6',
      'src/** code_developer 7',
    ]);
    const { ownership, problems } = parseOwnership(text);
    expect(ownership.ignoredRows).toBe(1);
    expect(ownership.readOnly).toEqual([]);
    expect(problems).toMatchObject([{ line: 8, code: 'row' }]);
  });

  test.each([
    ['pyproject.toml', ['pyproject.toml']],
    ['**.claude/**', ['.claude/**']],
    ['**src/**', ['src/**']],
    ['src/**', ['src/**']],
    ['`src/**/*.ts`', ['src/**/*.ts']],
    ['**docs/PRIORITY_*_SPEC.md**', ['docs/PRIORITY_*_SPEC.md']],
    ['__src/__', ['src/**']],
    ['src/, tests/', ['src/**', 'tests/**']],
    ['`src/`, `tests/` and scripts/', ['src/**', 'tests/**', 'scripts/**']],
    ['src/<br>tests/', ['src/**', 'tests/**']],
    ['src/{a,b}/', ['src/{a,b}/**']],
    ['src/ (all code)', ['src/**']],
    ['./src//x/../y/', ['src/y/**']],
    ['/src/', ['src/**']],
    ['📁 src/', ['src/**']],
    ['tests', ['tests']],
    ['Makefile', ['Makefile']],
    ['`CODE`', ['CODE']],
    ['Everything', []],
    ['All files', []],
    ['../other/', []],
    ['https://example.org/x', []],
    ['', []],
  ])('%s', (cell, patterns) => {
    const { ownership } = parseOwnership(row(cell));
    expect(ownership.rules.map(rule => rule.pattern)).toEqual(patterns);
    expect(ownership.ignoredRows).toBe(patterns.length === 0 ? 1 : 0);
  });

  test.each([
    ['architect', ['architect']],
    ['**architect**', ['architect']],
    ['🏗️ architect', ['architect']],
    ['Code Developer', ['code_developer']],
    ['ux-design-expert', ['ux-design-expert']],
    ['architect (full), code_developer (status only)', ['architect', 'code_developer']],
    ['-', []],
    ['All', []],
    ['', []],
  ])('owner %s', (cell, owners) => {
    expect(parseOwnership(row('src/', cell)).ownership.rules.map(rule => rule.owner)).toEqual(owners);
  });
});

describe('a table by agent', () => {
  const text = `| Agent | Owns | Can Modify |
|---|---|---|
| **architect** | \`docs/architecture/\`, pyproject.toml, poetry.lock | YES |
| **assistant** | NONE | NO |
| code-searcher | **NONE (READ-ONLY)** | NONE |
| **code_developer** | All implementation | \`src/\`, \`tests/\` |
| reviewer | docs/reviews/ | READ-ONLY |
| user_listener | UI | ONLY UI |
`;
  test('gives every path to its agent', () => {
    expect(rules(text)).toEqual([
      'docs/architecture/** architect 3',
      'pyproject.toml architect 3',
      'poetry.lock architect 3',
      'src/** code_developer 6',
      'tests/** code_developer 6',
    ]);
  });

  test('names those that may change nothing', () => {
    expect(parseOwnership(text).ownership.readOnly).toEqual(['assistant', 'code-searcher', 'reviewer']);
    expect(parseOwnership(text).ownership.ignoredRows).toBe(1);
  });

  test('an owner of files elsewhere is not read-only', () => {
    expect(parseOwnership(`${text}\n${row('notes/', 'assistant')}`).ownership.readOnly).toEqual([
      'code-searcher',
      'reviewer',
    ]);
  });
});

describe('other tables', () => {
  test('about tools are counted, not read', () => {
    const text =
      '| Tool/Capability | Owner | Usage |\n|---|---|---|\n| Code editing | code_developer | src/ |\n| `git` | architect | x |\n';
    expect(parseOwnership(text)).toEqual({ ownership: { rules: [], readOnly: [], ignoredRows: 2 }, problems: [] });
  });

  test.each([
    ['without an owner', '| File | Size |\n|---|---|\n| src/ | 3 |\n'],
    ['in a fence', `\`\`\`\n${row('src/')}\`\`\`\n`],
    ['without dashes', '| File | Owner |\n| src/ | architect |\n'],
    ['with other dashes', '| File | Owner |\n|---|\n| src/ | architect |\n'],
    ['that are none', 'File | Owner\nsrc/ | architect\n'],
  ])('%s', (_name, text) => {
    expect(rules(text)).toEqual([]);
  });

  test('without outer pipes, with CRLF and escaped pipes are read', () => {
    expect(rules('File | Owner\r\n--- | ---\r\nsrc/ | architect\r\n`a\\|b/` | architect\r\ndocs/ | architect')).toEqual(
      ['src/** architect 3', 'docs/** architect 5'],
    );
  });

  test('one after another are all read', () => {
    expect(rules(`${row('a/')}\n${row('b/')}`)).toEqual(['a/** architect 3', 'b/** architect 7']);
  });
});

test('any text is survived', () => {
  const part = fc.constantFrom(
    '| File | Owner |',
    '|---|---|',
    '| **a/** | x |',
    '| Agent | Owns |',
    '||',
    '|',
    '```',
    '| NONE | y |',
    '',
  );
  const line = fc.oneof(part, fc.string({ unit: 'binary', maxLength: 20 }));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), lines => {
      const { ownership, problems } = parseOwnership(lines.join('\n'));
      for (const rule of ownership.rules) expect(rule.owner).toMatch(/^\p{L}[\p{L}\p{N}_-]*$/u);
      for (const problem of problems) expect(problem.line).toBeLessThanOrEqual(lines.join('\n').split('\n').length);
    }),
  );
  expect(parseOwnership('|'.repeat(500_000)).ownership.rules).toEqual([]);
  expect(parseOwnership('| File | Owner |\n|---|---|\n'.repeat(20_000)).ownership.rules).toEqual([]);
});
