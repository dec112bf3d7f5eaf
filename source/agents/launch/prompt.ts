import type { Item, Scope } from '../../domain/item.ts';
import type { Ownership } from '../../domain/ownership/ownership.ts';
import type { CommandSetting } from '../../domain/settings.ts';

/** Everything a prompt is made of. */
export interface PromptParts {
  readonly item: Item;
  /** The item's section of the ROADMAP, or what the user typed. */
  readonly sectionText: string;
  readonly ownership: Ownership;
  readonly agentType: string;
  readonly scope: Scope;
  readonly branch: string;
  readonly base: string;
  /** Commands that the result has to pass before it lands. */
  readonly checks: readonly CommandSetting[];
  /** The only folders of the repository that the worktree holds beside the files of the top folder; missing: it holds all. */
  readonly sparse?: readonly string[];
  /** The user's own template with `{{placeholders}}`; null: the built-in one. */
  readonly template: string | null;
}

/** Rows of the ownership table that are listed; a table of hundreds would bury the item. */
const mostRules = 60;

const builtInTemplate = `# {{key}}: {{title}}

You work as \`{{agentType}}\` in your own git worktree, on branch \`{{branch}}\`, which starts at {{base}}.
Other agents work on other items in other worktrees at the same time. Nobody can answer questions: decide sensibly and continue.

## The work

{{section}}

## Files you may change

{{scope}}

## Who owns what

{{ownership}}

## Before it lands

{{checks}}

## Rules

{{rules}}
`;

/**
 * The text that tells an agent what to do. Placeholders of a template: key, id, title, agentType, branch, base, section, scope,
 * ownership, checks, rules. Values are inserted once and never expanded again; an unknown placeholder stays.
 */
export function buildPrompt(parts: PromptParts): string {
  const values: Readonly<Record<string, string>> = {
    key: parts.item.key,
    id: parts.item.id,
    title: parts.item.title,
    agentType: parts.agentType,
    branch: parts.branch,
    base: parts.base,
    // What a person typed reaches the agent as it is.
    section: parts.item.prompt?.replaceAll(/^(?:\r?\n)+|(?:\r?\n)+$/g, '') ?? parts.sectionText.trim(),
    scope: scopeText(parts.scope),
    ownership: ownershipText(parts.ownership, parts.agentType),
    checks: checksText(parts.checks),
    rules: rulesText(parts),
  };
  const template = parts.template ?? builtInTemplate;
  return template.replace(/\{\{ ?([A-Za-z]+) ?\}\}/g, (whole, name: string) => values[name] ?? whole);
}

function scopeText(scope: Scope): string {
  if (scope.kind === 'unknown' || scope.paths.length === 0) {
    return 'The item names none. Change as little as the item needs, and nothing that another role owns.';
  }
  const list = scope.paths.map(path => `- \`${path}\``).join('\n');
  const end =
    scope.kind === 'known'
      ? 'A change to any other path keeps the branch from landing.'
      : 'These paths were derived from the text above. Stay within them if you can.';
  return `${list}\n\n${end}`;
}

function ownershipText(ownership: Ownership, agentType: string): string {
  if (ownership.readOnly.includes(agentType)) return `\`${agentType}\` may not change files. Read and report.`;
  if (ownership.rules.length === 0) return 'No files are reserved for a role.';
  const rows = ownership.rules.slice(0, mostRules).map(rule => {
    const mine = rule.owner === agentType ? ' (you)' : '';
    return `- \`${rule.pattern}\`: ${rule.owner}${mine}`;
  });
  const more = ownership.rules.length > mostRules ? [`- … and ${ownership.rules.length - mostRules} more`] : [];
  return [
    ...rows,
    ...more,
    '',
    'Do not change files that belong to another role. The most specific pattern counts.',
  ].join('\n');
}

function checksText(checks: readonly CommandSetting[]): string {
  if (checks.length === 0) return 'No checks are configured. Make sure that what you wrote works.';
  const list = checks.map(check => `- \`${typeof check === 'string' ? check : check.join(' ')}\``).join('\n');
  return `These commands run on the merged result and must pass:\n\n${list}`;
}

function sparseRule(folders: readonly string[]): string {
  const list = folders.map(folder => `\`${folder}\``).join(', ');
  const held = list === '' ? 'only the files of the top folder' : `only ${list} and the files of the top folder`;
  return `This worktree holds ${held}. The rest of the repository is there but not checked out: \`git sparse-checkout add FOLDER\` brings another folder, \`git show HEAD:path\` shows a file.`;
}

function rulesText(parts: PromptParts): string {
  const rules = [
    `Commit all your work on the branch \`${parts.branch}\`, in one or more commits that say why. Uncommitted work does not count.`,
    'Commit in the plainest way, from this folder: `git add -A`, then `git commit -m "…"`, each a command of its own. Other forms (`git -C`, `cd … &&`, heredocs, pipes) may not be permitted.',
    'Leave the tree clean: no uncommitted changes, no stray files, no merge or rebase in progress.',
    'Stay on this branch and in this folder. Do not switch branches, push, or touch other branches, tags, worktrees, git configuration or hooks.',
    'Never use `git stash`: all worktrees share one stash, so you would change what belongs to the user or another agent. To set work aside, commit it on this branch (`git commit -m wip`) and continue from there. To see an earlier version of a file, use `git show HEAD:path`.',
    'Do not edit status lines in the ROADMAP, nor checkboxes or statuses of items in other lists. They are updated for you when the work has landed.',
    ...(parts.sparse === undefined ? [] : [sparseRule(parts.sparse)]),
    'Do not start processes that outlive you.',
    'When the work is done and committed, stop. If it cannot be done, commit nothing and say why.',
  ];
  return rules.map((rule, index) => `${index + 1}. ${rule}`).join('\n');
}
