import type { RunId } from '../../domain/ids.ts';
import { markOf, setMark } from '../system/run-mark.ts';
import { system } from '../system/system.ts';

/** Where the shell lives; POSIX systems agree on this one path. */
export const shellPath = '/bin/sh';

/**
 * The small shell that stands over one run and outlives us. Its positional parameters: run folder, file for stdin, names to unset,
 * the run's mark, whether the rest of its group is kept or ended with it, then the command. It names no variable of its own, since a variable of the same name in the run's environment would change.
 *
 * - Traps that do nothing keep the shell alive when its group is signalled. They are not "ignore": an ignored signal would be
 *   inherited by the agent, a trap is set back to the default for it.
 * - The agent runs in the foreground: a job started with `&` would have SIGINT ignored.
 * - `exec` inside the parentheses never takes a shell builtin of the same name, and costs no process beside the agent's.
 * - `pid` and `exit` appear by rename, whole or not at all. Our side made both `.tmp` files in advance with mode 0600; `exit.tmp` is
 *   overwritten in place, so that a disk that ran full meanwhile still takes the code.
 * - The rest of the group ends before its leader's end is known, as far as it heeds SIGTERM, which our own trap survives; SIGKILL ends the
 *   shell too, when all is done.
 * - Nothing is synced here: the journal holds the outcome durably, and after a power cut a lost `exit` reads as "interrupted".
 */
const script = `
trap : HUP INT QUIT TERM USR1 USR2 PIPE ALRM
printf '%s\\n' "$$" >"$1/pid.tmp" && { mv -f "$1/pid.tmp" "$1/pid" || command -p mv -f "$1/pid.tmp" "$1/pid"; }
${setMark('4')}
unset $3
(shift 5; exec "$@") <"$2" >>"$1/out.log" 2>>"$1/err.log"
printf '%-3s\\n' "$?" 1<>"$1/exit.tmp" && { [ "$5" = keep ] || kill -TERM 0; mv -f "$1/exit.tmp" "$1/exit" || command -p mv -f "$1/exit.tmp" "$1/exit"; }
[ "$5" = keep ] || kill -KILL 0
`;

/** What `exit.tmp` holds until the shim writes over it: the length of an exit code with its line end, and no number. */
export const exitPlaceholder = '???\n';

/** Variables a shell makes on its own; those the request does not set are taken out again. */
const shellVariables = ['PWD', 'OLDPWD', 'SHLVL'];

/** Arguments for {@link shellPath} that run `file` with `args` under the shim. */
export function shimArguments(
  runDir: string,
  stdinPath: string,
  env: Readonly<Record<string, string>>,
  mark: string,
  file: string,
  args: readonly string[],
  endsGroup = false,
): string[] {
  const rest = endsGroup ? 'end' : 'keep';
  return ['-c', script, 'cm-tui', runDir, stdinPath, namesToUnset(env), mark, rest, file, ...args];
}

/** Arguments for {@link shellPath} that become `file`, with the run's mark. */
export function markedArguments(
  env: Readonly<Record<string, string>>,
  mark: string,
  file: string,
  args: readonly string[],
): string[] {
  return ['-c', `${setMark('2')}\nunset $1\nshift 2; exec "$@"`, 'cm-tui', namesToUnset(env), mark, file, ...args];
}

/** A run's mark as the shell takes it; empty where limits cannot be read again. */
export function markText(runId: RunId): string {
  return system().table.marks ? String(markOf(runId)) : '';
}

/** Without a name `unset` would be a usage error in some shells; `CM_NOTHING` is set nowhere. */
function namesToUnset(env: Readonly<Record<string, string>>): string {
  return shellVariables.filter(name => !(name in env)).join(' ') || 'CM_NOTHING';
}
