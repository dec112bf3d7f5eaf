/** What stands over an agent in a terminal of its own. */
interface TerminalRun {
  readonly folder: string;
  /** Absolute path. */
  readonly tmux: string;
  readonly file: string;
  readonly args: readonly string[];
}

/**
 * The script of the pane: the same as the shim over other runs (see `shim.ts`), but the agent keeps the terminal, and tmux copies what
 * it prints into the log. The copying is set up before the agent starts, so that nothing of it is lost. `CM_TUI_LOG` reaches the copying
 * shell through the environment: tmux would expand a path in its command line.
 */
export function terminalScript({ folder, tmux, file, args }: TerminalRun): string {
  const inFolder = (name: string) => quote(`${folder}/${name}`);
  const put = (name: string) => {
    const move = `mv -f ${inFolder(`${name}.tmp`)} ${inFolder(name)}`;
    return `{ ${move} || command -p ${move}; }`;
  };
  return [
    'trap : HUP INT QUIT TERM USR1 USR2 PIPE ALRM',
    `printf '%s\\n' "$$" >${inFolder('pid.tmp')} && ${put('pid')}`,
    `${quote(tmux)} pipe-pane -o 'exec cat >>"$CM_TUI_LOG"'`,
    'unset CM_TUI_LOG TMUX TMUX_PANE',
    `(exec ${[file, ...args].map(quote).join(' ')})`,
    `printf '%-3s\\n' "$?" 1<>${inFolder('exit.tmp')} && ${put('exit')}`,
    '',
  ].join('\n');
}

/**
 * The configuration of that one tmux, in place of the user's: nothing an agent prints reaches the clipboard, the window's title or a
 * shell, and the bar says how to leave.
 * @param name of the run folder: letters, digits, dots and dashes
 */
export function terminalConfig(name: string): string {
  return [
    'set -g default-terminal "screen-256color"',
    'set -s escape-time 10',
    'set -s set-clipboard off',
    'set -s exit-empty on',
    'set -g exit-unattached off',
    'set -g destroy-unattached off',
    'set -g remain-on-exit off',
    'set -g update-environment ""',
    'set -g history-limit 20000',
    'set -g mouse on',
    'set -g set-titles off',
    'set -g allow-rename off',
    'set -g automatic-rename off',
    'set -g status-style "reverse"',
    `set -g status-left " ${name} "`,
    'set -g status-left-length 40',
    'set -g window-status-format ""',
    'set -g window-status-current-format ""',
    'set -g status-right " Ctrl+B d detaches, the agent keeps working "',
    'set -g status-right-length 60',
    '',
  ].join('\n');
}

/** A word that a POSIX shell takes as it is. NUL, which no argument can hold, is dropped. */
export function quote(word: string): string {
  return `'${word.replaceAll('\0', '').replaceAll("'", "'\\''")}'`;
}
