import type { CommandSpec, CompletionSpec, OptionSpec, Values } from './spec.ts';

/** A completion script for zsh, to be sourced or to lie in a folder of `fpath` as `_cm-tui`. */
export function zshScript(spec: CompletionSpec): string {
  const valued = spec.valued.flatMap(option => option.names).join('|');
  return `#compdef cm-tui
# zsh completion for cm-tui; made by "cm-tui completion zsh".
_cm_tui_ids() {
  local id says
  while IFS=$'\\t' read -r id says; do
    entries+=("\${id//:/\\\\:}:$says")
  done < <(\${(Q)words[1]} ids "$1" "\${repo[@]}" 2>/dev/null)
}

_cm_tui() {
  local current=\${words[CURRENT]} previous=\${words[CURRENT - 1]} command='' word
  local -i index=2 places=0
  local -a entries repo
  if [[ $current == --*=* ]]; then
    previous=\${current%%=*}
    compset -P '*='
  fi
  while ((index < CURRENT)); do
    word=\${words[index]}
    case $word in
      (${valued})
        ((index++))
        [[ $word == --repo ]] && ((index < CURRENT)) && repo=(--repo "\${(Q)words[index]}")
        ;;
      (-*) ;;
      (*) if [[ -z $command ]]; then command=$word; else ((places++)); fi ;;
    esac
    ((index++))
  done
  case $previous in
${spec.valued.map(option => `    (${option.names.join('|')}) ${offer(option.values)} ;;`).join('\n')}
    (*)
      if [[ $current == -* ]]; then
        case $command in
${[spec.root, ...spec.commands].map(command => `          (${pattern(command)}) entries=(${command.options.flatMap(optionEntries).join(' ')}) ;;`).join('\n')}
        esac
      else
        case $command/$places in
          (/0) entries=(${spec.commands.flatMap(commandEntries).join(' ')}) ;;
${spec.commands.flatMap(argumentCases).join('\n')}
        esac
      fi
      ;;
  esac
  ((\${#entries})) && _describe -V 'cm-tui' entries
}

if [[ \${funcstack[1]} == _cm_tui ]]; then
  _cm_tui "$@"
else
  compdef _cm_tui cm-tui
fi
`;
}

function pattern({ names }: CommandSpec): string {
  return names.length === 0 ? "''" : names.join('|');
}

function optionEntries({ names, says }: OptionSpec): readonly string[] {
  return names.map(name => entry(name, says));
}

function commandEntries({ names, says }: CommandSpec): readonly string[] {
  return names.map(name => entry(name, says));
}

function argumentCases(command: CommandSpec): readonly string[] {
  return command.arguments.flatMap((values, place) =>
    values.kind === 'text'
      ? []
      : [`          (${command.names.map(name => `${name}/${place}`).join('|')}) ${offer(values)} ;;`],
  );
}

/** A name and what it is, as `_describe` wants them. */
function entry(name: string, says: string): string {
  return quoted(`${name.replaceAll(':', '\\:')}:${says}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function offer(values: Values | null): string {
  switch (values?.kind) {
    case 'words':
      return `entries=(${values.words.join(' ')})`;
    case 'ids':
      return `_cm_tui_ids ${values.what}`;
    case 'files':
      return '_files';
    case 'folders':
      return '_files -/';
    case 'text':
    case undefined:
      return ':';
  }
}
