import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Ways for a call of git to give no answer: ended by a signal before it began or after it was done, an exit code with unusual words or
 * without any, words of progress and hints alone, and silence.
 */
export const waysToFail = ['kill', 'after', 'noise', 'silent', 'chatter', 'hang'] as const;
export type WayToFail = (typeof waysToFail)[number];

/**
 * Which calls fail: the n-th (from 1) of a subcommand, or of all calls whatever they are, that one alone or every one from there on; or
 * every so-manieth, in each way in turn.
 */
export type Fault =
  | { readonly command: string; readonly nth: number; readonly how: WayToFail; readonly always: boolean }
  | { readonly call: number; readonly how: WayToFail; readonly always: boolean }
  | { readonly every: number };

/** What an honest sentence says of a call that failed by such a fault. */
export const honestWords =
  /ended by signal 9|did not answer in time|exit code (1|128)\b|a passing trouble|could not be started|Could not verify/;

const realGit = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();

/** Where the git is that the failing one stands for. */
export const realGitFolder = dirname(realGit);

const program = `#!/bin/sh
name= next=
for word; do
  if [ -n "$next" ]; then next=; continue; fi
  if [ -z "$name" ]; then
    case $word in -c|-C) next=1;; --version) name=version; break;; -*) ;; worktree|stash) name=$word;; *) name=$word; break;; esac
  else name=$name-$word; break; fi
done
set -C
n=1; while ! true 2>/dev/null >"$CM_GIT_CALLS/$name.$n"; do n=$((n+1)); done
all=1
[ -z "$CM_GIT_EVERY$CM_GIT_CALL" ] || while ! true 2>/dev/null >"$CM_GIT_CALLS/any-$all"; do all=$((all+1)); done
set +C
how=
if [ -n "$CM_GIT_EVERY" ]; then
  [ $((all % CM_GIT_EVERY)) != 0 ] || case $((all / CM_GIT_EVERY % 5)) in
    0) how=kill;; 1) how=after;; 2) how=noise;; 3) how=silent;; 4) how=chatter;;
  esac
elif [ -n "$CM_GIT_CALL" ]; then
  [ "$all" -lt "$CM_GIT_CALL" ] || { [ "$all" -gt "$CM_GIT_CALL" ] && [ -z "$CM_GIT_ALWAYS" ]; } || how=$CM_GIT_HOW
elif [ "$name" = "$CM_GIT_FAULT" ] && { [ "$n" = "$CM_GIT_NTH" ] || { [ -n "$CM_GIT_ALWAYS" ] && [ "$n" -gt "$CM_GIT_NTH" ]; }; }; then
  how=$CM_GIT_HOW
fi
if [ -n "$how" ]; then
  : >"$CM_GIT_CALLS/fired-$name-$n"
  case $how in
    kill) kill -9 $$;;
    after) ${realGit} "$@"; kill -9 $$;;
    noise) echo "fatal: a passing trouble" >&2; exit 128;;
    silent) exit 1;;
    chatter) printf 'Preparing worktree\\nUpdating files:  50%% (1/2)\\rhint: a hint\\nwarning: of something\\n' >&2; exit 128;;
    hang) exec sleep 600;;
  esac
fi
exec ${realGit} "$@"
`;

/** A folder with a `git` that fails as it is told to, to be put first on the PATH. */
export interface FailingGit {
  /** Environment in which every call is counted, and one fails where a fault is named. */
  environment(base: NodeJS.ProcessEnv, fault?: Fault): NodeJS.ProcessEnv;
  /** Where it is, to be put first on the PATH. */
  readonly folder: string;
  /** How many calls were made, where one of all calls was to fail. */
  all(): number;
  /** How often each subcommand was called since the environment was made. */
  calls(): Readonly<Record<string, number>>;
  /** How many calls have failed. */
  fired(): number;
  /** Which calls have failed, as `command-n`. */
  failed(): readonly string[];
}

export function createFailingGit(folder: string): FailingGit {
  const bin = join(folder, 'failing-git');
  const calls = join(folder, 'git-calls');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'git'), program);
  chmodSync(join(bin, 'git'), 0o755);
  return {
    folder: bin,
    all: () => readdirSync(calls).filter(name => name.startsWith('any-')).length,
    environment(base, fault) {
      rmSync(calls, { recursive: true, force: true });
      mkdirSync(calls);
      return {
        ...base,
        PATH: `${bin}:${base.PATH}`,
        CM_GIT_CALLS: calls,
        ...variablesOf(fault),
      };
    },
    calls() {
      const counts: Record<string, number> = {};
      for (const name of readdirSync(calls)) {
        const command = /^(.+)\.\d+$/.exec(name)?.[1];
        if (command !== undefined) counts[command] = (counts[command] ?? 0) + 1;
      }
      return counts;
    },
    fired: () => readdirSync(calls).filter(name => name.startsWith('fired-')).length,
    failed: () => readdirSync(calls).flatMap(name => /^fired-(.+)$/.exec(name)?.[1] ?? []),
  };
}

function variablesOf(fault: Fault | undefined): Record<string, string> {
  const none = { CM_GIT_FAULT: '', CM_GIT_EVERY: '', CM_GIT_CALL: '' };
  if (fault === undefined) return none;
  if ('every' in fault) return { ...none, CM_GIT_EVERY: String(fault.every) };
  const { how, always } = fault;
  const which =
    'call' in fault
      ? { CM_GIT_CALL: String(fault.call) }
      : { CM_GIT_FAULT: fault.command, CM_GIT_NTH: String(fault.nth) };
  return { ...none, ...which, CM_GIT_HOW: how, CM_GIT_ALWAYS: always ? '1' : '' };
}
