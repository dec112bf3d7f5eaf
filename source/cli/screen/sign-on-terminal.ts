import { runInherited, terminalName } from '../../adapters/processes/run-inherited.ts';

/**
 * Lets git sign a commit that nothing names, with the user's own program, which can ask for a passphrase on the terminal and remembers the
 * key as it is configured to. Returns null on success, else one sentence.
 */
export async function signOnTerminal(root: string, environment: NodeJS.ProcessEnv): Promise<string | null> {
  const args = ['-C', root, 'commit-tree', '-S', '-m', 'Try a signature', 'HEAD^{tree}'];
  const code = await runInherited('git', args, {
    cwd: root,
    quiet: true,
    env: { ...environment, ...terminalOf(environment) },
  }).ended;
  return code === 0 ? null : `The signer ended with exit code ${code}. For an SSH key, run "ssh-add" first.`;
}

/** gpg asks on the terminal that this names. */
function terminalOf({ GPG_TTY }: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const name = GPG_TTY ? null : terminalName();
  return name === null ? {} : { GPG_TTY: name };
}
