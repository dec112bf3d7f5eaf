import { type Action, groups, type ViewName } from '../../source/commands/action.ts';
import { actions } from '../../source/commands/actions.ts';
import { showKey } from '../../source/commands/keymap.ts';

/** Markers around the table in docs/keys.md. */
export const readmeMarks = { start: '<!-- keys -->', end: '<!-- /keys -->' } as const;

/** The table of all keys in Markdown, one section per group. */
export function keysMarkdown(): string {
  const parts = groups.map(group => {
    const rows = actions.filter(action => action.group === group).map(row);
    return [`### ${group}`, '', '| keys | action | where | setting |', '|---|---|---|---|', ...rows].join('\n');
  });
  return `${parts.join('\n\n')}\n`;
}

function row(action: Action): string {
  const keys = action.keys.map(key => `\`${showKey(key).replace('|', '\\|')}\``).join(' ');
  return `| ${keys} | ${action.title} | ${where(action.views)} | \`${action.id}\` |`;
}

function where(views: readonly ViewName[]): string {
  return views.length > 5 ? 'everywhere' : views.join(', ');
}
