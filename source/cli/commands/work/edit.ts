import { text as readAll } from 'node:stream/consumers';
import { scopeOfGlobs, titleOfPrompt } from '../../../domain/ad-hoc.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import type { Command } from '../../../ports/commands.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeLine } from '../../output/output.ts';
import { withSession } from '../../session/session.ts';
import { globsOf } from './globs.ts';

type Change = Extract<Command, { type: 'edit-item' }>['change'];

/** `cm-tui edit ID [PROMPT]`: changes what an ad-hoc item asks for, or which files it may change, before it starts. */
export function editCommand(
  id: string,
  prompt: string | undefined,
  options: GlobalOptions & { readonly files?: string; readonly title?: string },
): Promise<ExitCode> {
  const { files, title, agent } = options;
  if ([prompt, files, title, agent].every(one => one === undefined))
    throw new CmError(
      `Say what to change, as in: cm-tui edit ${id} "new prompt", or with --files, --title or --agent.`,
      2,
    );
  return withSession<ExitCode>(options, async session => {
    const wanted = prompt === undefined ? undefined : await promptOf(prompt);
    const change: Change = {
      ...(wanted === undefined ? {} : { prompt: wanted, title: titleOfPrompt(title ?? '', wanted) }),
      ...(wanted === undefined && title !== undefined ? { title: titleOfPrompt(title, title) } : {}),
      ...(files === undefined ? {} : { scope: scopeOfGlobs(globsOf(files)) }),
      ...(agent === undefined ? {} : { agentProgram: agent }),
    };
    const answer = await session.send({ type: 'edit-item', id, change });
    if (!answer.ok) throw new CmError(answer.message);
    writeLine(answer.message);
    return 0;
  });
}

/** What was given as a prompt; `-` stands for all of stdin, for texts of any length. */
export async function promptOf(given: string): Promise<string> {
  const prompt = given === '-' ? await readAll(process.stdin) : given;
  if (prompt.trim() === '') throw new CmError('The prompt is empty. Say what the agent should do.', 2);
  return prompt;
}
