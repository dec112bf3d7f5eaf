import type { Command } from 'commander';
import type { ExitCode } from '../../../domain/errors.ts';
import { bashScript } from '../../completion/bash.ts';
import { fishScript } from '../../completion/fish.ts';
import { readSpec } from '../../completion/spec.ts';
import { zshScript } from '../../completion/zsh.ts';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** `cm-tui completion bash|zsh|fish`: prints the script for that shell, generated from the program's own commands and options. */
export async function completion(shell: keyof typeof scripts, program: Command): Promise<ExitCode> {
  process.stdout.write(scripts[shell](readSpec(program)));
  return 0;
}
