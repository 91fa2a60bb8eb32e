#compdef sidecarset
# zsh completion of sidecarset
_sidecarset() {
  local -a lines candidates nospace
  local line directive
  lines=("${(@f)$(sidecarset __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  directive=${lines[-1]#:}
  for line in "${(@)lines[1,-2]}"; do
    candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  [[ $directive == 6 ]] && nospace=(-S '')
  if (( ${#candidates} )); then
    _describe -V sidecarset candidates $nospace
  elif [[ $directive == 0 ]]; then
    _files
  fi
}
compdef _sidecarset sidecarset
