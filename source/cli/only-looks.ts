import type { Command } from 'commander';

const looks: ReadonlySet<string> = new Set(
  'status plan roadmap timeline events report logs diff review asks completion ids'.split(' '),
);

/** Agents may use what only looks; whatever is not known to do so is for people alone. A start asks by itself. */
export function onlyLooks(command: Command): boolean {
  const [action] = command.args;
  const { recover, dryRun }: { readonly recover?: boolean; readonly dryRun?: boolean } = command.opts();
  switch (command.name()) {
    case 'cm-tui':
    case 'start':
      return true;
    case 'doctor':
      return recover !== true;
    case 'clean':
      return dryRun === true;
    case 'queue':
    case 'fleet':
      return action === undefined;
    case 'config':
      return action === 'get' || action === 'path';
    default:
      return looks.has(command.name());
  }
}
