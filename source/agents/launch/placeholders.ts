import type { LaunchContext } from '../../ports/agents.ts';
import { gitFoldersOf } from './git-folders.ts';

/** Longest prompt, in bytes, that is passed as an argument: Linux refuses a single one above 128 KiB. */
const longestArgument = 100_000;

const pattern = /\{(promptFile|prompt|id|key|title|branch|base|worktree|gitDir|gitCommonDir|session)\}/g;

/** True if an argument holds the prompt itself or the path of its file. */
export function holdsPrompt(argument: string): boolean {
  return argument.includes('{prompt}') || argument.includes('{promptFile}');
}

/**
 * Replaces placeholders by their values in one pass, so that a value which itself looks like a placeholder stays as it is.
 * No shell sees the result. NUL, which no argument can hold, is dropped.
 */
export function fillPlaceholders(text: string, context: LaunchContext): string {
  const filled = text.replace(pattern, (_whole, name: string) => placeholderValue(name, context));
  return filled.replaceAll('\0', '');
}

function placeholderValue(name: string, context: LaunchContext): string {
  switch (name) {
    case 'prompt':
      return promptArgument(context);
    case 'promptFile':
      return context.promptFile;
    case 'id':
      return context.id;
    case 'key':
      return context.key;
    case 'title':
      return context.title;
    case 'branch':
      return context.branch;
    case 'base':
      return context.base;
    case 'worktree':
      return context.worktree;
    case 'gitDir':
      return gitFoldersOf(context.worktree)?.gitDir ?? context.worktree;
    case 'gitCommonDir':
      return gitFoldersOf(context.worktree)?.commonDir ?? context.worktree;
    default:
      return context.session ?? '';
  }
}

/** A prompt too long for an argument becomes a pointer to its file; one that looks like an option is indented. */
function promptArgument(context: LaunchContext): string {
  if (Buffer.byteLength(context.prompt) > longestArgument) {
    return `Your instructions are in the file ${context.promptFile}. Read all of it first, then do what it says.`;
  }
  return context.prompt.startsWith('-') ? `\n${context.prompt}` : context.prompt;
}
