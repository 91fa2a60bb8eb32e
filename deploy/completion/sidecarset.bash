# bash completion of sidecarset. Bash takes words apart at = and :, and expects only what comes after.
_sidecarset() {
  local line=${COMP_LINE:0:COMP_POINT} cur=${COMP_WORDS[COMP_CWORD]} words word prefix reply
  COMPREPLY=()
  read -ra words <<<"$line"
  [[ $line == *" " ]] && words+=("")
  word=${words[${#words[@]}-1]}
  case $cur in
    = | :) prefix=$word ;;
    *) prefix=${word%"$cur"} ;;
  esac
  while IFS=$'\t' read -r reply _; do
    case $reply in
      :0) compopt -o default 2>/dev/null ;;
      :6) compopt -o nospace 2>/dev/null ;;
      :*) ;;
      *) COMPREPLY+=("${reply#"$prefix"}") ;;
    esac
  done < <(sidecarset __complete "${words[@]:1}" 2>/dev/null)
}
complete -F _sidecarset sidecarset
