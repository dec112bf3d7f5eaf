import type { CommandSpec, CompletionSpec, Values } from './spec.ts';

/** A completion script for bash 3.2 and later that needs nothing else. */
export function bashScript(spec: CompletionSpec): string {
  const valued = spec.valued.flatMap(option => option.names).join('|');
  return `# bash completion for cm-tui; made by "cm-tui completion bash".
_cm_tui_ids() {
  local id says
  while IFS=$'\\t' read -r id says; do
    words+=("$id")
  done < <("\${COMP_WORDS[0]/#\\~/$HOME}" ids "$1" \${repo[@]+"\${repo[@]}"} 2>/dev/null)
}

_cm_tui_paths() {
  local path
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do
    COMPREPLY+=("$path")
  done < <(compgen "$1" -- "$current")
}

_cm_tui() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local command='' places=0 index word
  local -a words=() repo=()
  COMPREPLY=()
  if [[ $current == = ]]; then
    current=''
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    case $word in
      ${valued})
        [[ \${COMP_WORDS[index + 1]} == = ]] && ((index++))
        ((index++))
        [[ $word == --repo ]] && ((index < COMP_CWORD)) && repo=(--repo "\${COMP_WORDS[index]}")
        ;;
      -* | =) ;;
      *) if [[ -z $command ]]; then command=$word; else ((places++)); fi ;;
    esac
  done
  case $previous in
${spec.valued.map(option => `    ${option.names.join('|')}) ${offer(option.values)} ;;`).join('\n')}
    *)
      if [[ $current == -* ]]; then
        case $command in
${[spec.root, ...spec.commands].map(command => `          ${pattern(command)}) ${offer(optionsOf(command))} ;;`).join('\n')}
        esac
      else
        case $command/$places in
          /0) ${offer({ kind: 'words', words: spec.commands.flatMap(command => command.names) })} ;;
${spec.commands.flatMap(argumentCases).join('\n')}
        esac
      fi
      ;;
  esac
  for word in \${words[@]+"\${words[@]}"}; do
    [[ $word == "$current"* ]] && COMPREPLY+=("$word")
  done
}

complete -F _cm_tui cm-tui
`;
}

function pattern({ names }: CommandSpec): string {
  return names.length === 0 ? "''" : names.join('|');
}

function optionsOf({ options }: CommandSpec): Values {
  return { kind: 'words', words: options.flatMap(option => option.names) };
}

function argumentCases(command: CommandSpec): readonly string[] {
  return command.arguments.flatMap((values, place) =>
    values.kind === 'text'
      ? []
      : [`          ${command.names.map(name => `${name}/${place}`).join('|')}) ${offer(values)} ;;`],
  );
}

function offer(values: Values | null): string {
  switch (values?.kind) {
    case 'words':
      return `words=(${values.words.join(' ')})`;
    case 'ids':
      return `_cm_tui_ids ${values.what}`;
    case 'files':
      return '_cm_tui_paths -f';
    case 'folders':
      return '_cm_tui_paths -d';
    case 'text':
    case undefined:
      return ':';
  }
}
