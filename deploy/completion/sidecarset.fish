# fish completion of sidecarset
function __sidecarset_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l lines (sidecarset __complete $words[2..-1] 2>/dev/null)
  test "$lines[-1]" = ":0"; and __fish_complete_path (commandline -ct)
  test (count $lines) -gt 1; and printf '%s\n' $lines[1..-2]
end
complete -c sidecarset -f -a '(__sidecarset_complete)'
