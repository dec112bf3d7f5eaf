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
  /** The user's own template with `{{placeholders}}`; null: the built-in one. */
  readonly template: string | null;
}

/** Rows of the ownership table that are listed; a table of hundreds would bury the task. */
const mostRules = 60;

const builtInTemplate = `# {{key}}: {{title}}

You work as \`{{agentType}}\` in a git worktree of your own, on branch \`{{branch}}\`, which starts at {{base}}.
Other agents work on other items in other worktrees at the same time. Nobody can answer questions: decide sensibly and go on.

## The task

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
 * The text that tells an agent what to do. Placeholders of a template: key, id, title, agentType, branch, base, section,
 * scope, ownership, checks, rules. Values are put in once; what a value holds is never expanded again, and an unknown
 * placeholder stays as it stands.
 */
export function buildPrompt(parts: PromptParts): string {
  const values: Readonly<Record<string, string>> = {
    key: parts.item.key,
    id: parts.item.id,
    title: parts.item.title,
    agentType: parts.agentType,
    branch: parts.branch,
    base: parts.base,
    section: (parts.item.prompt ?? parts.sectionText).trim(),
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
    return 'The item names none. Change as little as the task needs, and nothing that another role owns.';
  }
  const list = scope.paths.map(path => `- \`${path}\``).join('\n');
  const end =
    scope.kind === 'known'
      ? 'A change to any other path keeps the branch from landing.'
      : 'These were read from the task; stay with them wherever the task allows it.';
  return `${list}\n\n${end}`;
}

function ownershipText(ownership: Ownership, agentType: string): string {
  if (ownership.readOnly.includes(agentType)) return `\`${agentType}\` may change nothing: read, and report.`;
  if (ownership.rules.length === 0) return 'No file is reserved for a role.';
  const rows = ownership.rules.slice(0, mostRules).map(rule => {
    const mine = rule.owner === agentType ? ' (you)' : '';
    return `- \`${rule.pattern}\`: ${rule.owner}${mine}`;
  });
  const more = ownership.rules.length > mostRules ? [`- … and ${ownership.rules.length - mostRules} more`] : [];
  return [...rows, ...more, '', 'Change no file that belongs to another role; the most specific pattern counts.'].join(
    '\n',
  );
}

function checksText(checks: readonly CommandSetting[]): string {
  if (checks.length === 0) return 'No check is set. Make sure that what you wrote works.';
  const list = checks.map(check => `- \`${typeof check === 'string' ? check : check.join(' ')}\``).join('\n');
  return `These commands run on the merged result and have to pass:\n\n${list}`;
}

function rulesText(parts: PromptParts): string {
  const rules = [
    `Commit everything you made on the branch \`${parts.branch}\`, in one commit or several, each saying why. Work that is not committed does not count.`,
    'Leave the tree clean: no uncommitted change, no stray file, no merge or rebase in progress.',
    'Stay on this branch and in this folder: switch to no other branch, push nothing, touch no other branch, tag or worktree and no git configuration or hook.',
    'Never use `git stash`: there is one stash for all worktrees, so you would take what belongs to the user or to another agent. To put work aside, commit it on this branch (`git commit -m wip`) and go on from there; to see a file as it was, use `git show HEAD:path`.',
    'Leave the status lines of the ROADMAP alone: they are written for you when the work has landed.',
    'Start no process that goes on after you have ended.',
    'When the task is done and committed, stop. If it cannot be done, commit nothing and say why.',
  ];
  return rules.map((rule, index) => `${index + 1}. ${rule}`).join('\n');
}
