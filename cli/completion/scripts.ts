/** Shells that can ask what may follow. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** The line that says to a shell to complete paths itself. */
export const FILES = ":files";

/**
 * What a shell evaluates to complete `bucketworks`: it asks the program with each word that is typed, so that it never is
 * older than the program. Answers are lines of a word, a tab and what it means, or `:files`.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# bash completion of bucketworks: eval "$(bucketworks completion bash)"
_bucketworks() {
  local line word=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  [ "$word" != = ] || word=
  while IFS= read -r line; do
    if [ "$line" = ${FILES} ]; then
      compopt -o filenames -o default 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$word")
      return
    fi
    line=\${line%%$'\\t'*}
    case $line in "$word"*) COMPREPLY+=("$line") ;; esac
  done < <("\${COMP_WORDS[0]}" completion --for "$word" -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
}
complete -F _bucketworks bucketworks
`,
  zsh: `#compdef bucketworks
# zsh completion of bucketworks: eval "$(bucketworks completion zsh)" after compinit
_bucketworks() {
  local line found=()
  while IFS= read -r line; do
    if [[ $line = ${FILES} ]]; then
      _files
      return
    fi
    local name=\${line%%$'\\t'*} about=\${line#*$'\\t'}
    found+=("\${name//:/\\\\:}\${about:+:$about}")
  done < <("$words[1]" completion --for "$words[CURRENT]" -- "\${(@)words[2,CURRENT-1]}" 2>/dev/null)
  _describe bucketworks found
}
compdef _bucketworks bucketworks
`,
  fish: `# fish completion of bucketworks: bucketworks completion fish | source
function __bucketworks
  set -l words (commandline -opc)
  set -l word (commandline -ct)
  set -l found ($words[1] completion --for "$word" -- $words[2..-1] 2>/dev/null)
  if test "$found[1]" = ${FILES}
    __fish_complete_path "$word"
  else
    printf '%s\\n' $found
  end
end
complete -c bucketworks -f -a '(__bucketworks)'
`,
};
