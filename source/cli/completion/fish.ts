import type { CommandSpec, CompletionSpec, OptionSpec, Values } from './spec.ts';

/** A completion script for fish 3 and later. */
export function fishScript(spec: CompletionSpec): string {
  return `# fish completion for cm-tui; made by "cm-tui completion fish".
# True where the command line has this command ('': none yet) and, if told, so many of its arguments.
function __cm_tui_at
    set -l command ''
    set -l places 0
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip -eq 1
            set skip 0
            continue
        end
        switch $word
            case ${spec.valued.flatMap(option => option.names).join(' ')}
                set skip 1
            case '-*'
            case '*'
                if test -z "$command"
                    set command $word
                else
                    set places (math $places + 1)
                end
        end
    end
    contains -- "$command" (string split , -- $argv[1]); or return 1
    test (count $argv) -lt 2; or test $places -eq $argv[2]
end

function __cm_tui_ids
    set -l tokens (commandline -opc)
    set -l repo
    for index in (seq 2 (count $tokens))
        if test "$tokens[$index]" = --repo; and test $index -lt (count $tokens)
            set repo --repo $tokens[(math $index + 1)]
        end
    end
    $tokens[1] ids $argv[1] $repo 2>/dev/null
end

complete -c cm-tui -f
${spec.commands.flatMap(command => command.names.map(name => listed(name, command.says))).join('\n')}
${[spec.root, ...spec.commands].flatMap(command => command.options.map(option => optionLine(command, option))).join('\n')}
${spec.commands.flatMap(argumentLines).join('\n')}
`;
}

function listed(name: string, says: string): string {
  return `complete -c cm-tui -n '__cm_tui_at ""' -a ${name} -d ${quoted(says)}`;
}

function optionLine(command: CommandSpec, { names, says, values }: OptionSpec): string {
  const flags = names.map(name => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ');
  return `${start(command, null)} ${flags} -d ${quoted(says)}${values === null ? '' : ` ${offer(values)}`}`;
}

function argumentLines(command: CommandSpec): readonly string[] {
  return command.arguments.flatMap((values, place) =>
    values.kind === 'text' ? [] : [`${start(command, place)} ${offer(values).replace(/^-x /, '')}`],
  );
}

function start({ names }: CommandSpec, place: number | null): string {
  const at = `__cm_tui_at ${names.length === 0 ? '""' : names.join(',')}${place === null ? '' : ` ${place}`}`;
  return `complete -c cm-tui -n '${at}'`;
}

function offer(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `-x -a ${quoted(values.words.join(' '))}`;
    case 'ids':
      return `-x -a '(__cm_tui_ids ${values.what})'`;
    case 'files':
      return '-r -F';
    case 'folders':
      return "-x -a '(__fish_complete_directories)'";
    case 'text':
      return '-x';
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
