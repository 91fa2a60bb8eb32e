#!/usr/bin/env bash
# sandbox.sh COMMAND… : runs a command as root in namespaces of its own, where a kubelet may do what kubelets do to a machine.
# When the command ends, the kernel ends every process in there, and mounts, links and all state go with them; the cgroups are
# removed here. The exit status is the command's. Several can run at once.
set -euo pipefail

if [ "${1-}" != --inside ]; then
  name=node-$$ groups=()                  # one cgroup of our own in every hierarchy, below the one we are in
  cleanup() {
    trap '' TERM INT
    for group in "${groups[@]}"; do
      for _ in $(seq 50); do
        [ -d "$group" ] || break
        # Only where we were told to stop does anything still run.
        find "$group" -name cgroup.procs -exec cat {} + 2> /dev/null | while read -r pid; do kill -KILL "$pid" 2> /dev/null || true; done
        find "$group" -depth -type d -exec rmdir {} + 2> /dev/null || sleep 0.1
      done
      [ ! -d "$group" ] || echo "left behind: $group" >&2
    done
  }
  trap cleanup EXIT
  trap 'exit 143' TERM
  trap 'exit 130' INT
  while IFS=: read -r _ controllers path; do
    if [ -z "$controllers" ]; then        # v2: below its root, because a group that has processes may not hand out controllers
      root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts) path=/
    else
      first=${controllers#name=} first=${first%%,*}
      root=$(awk -v wanted="$first" '$3 == "cgroup" {
        count = split($4, options, ",")
        for (i = 1; i <= count; i++) { sub("name=", "", options[i]); if (options[i] == wanted) { print $2; exit } }
      }' /proc/mounts)
    fi
    [ -n "$root" ] || continue
    group=$root${path%/}/$name
    mkdir "$group"
    groups+=("$group")
    if [[ ,$controllers, == *,cpuset,* ]]; then      # v1 makes it empty, and nothing may enter an empty cpuset
      for file in cpuset.cpus cpuset.mems; do cat "$root$path/$file" > "$group/$file"; done
    fi
  done < /proc/self/cgroup
  (
    for group in "${groups[@]}"; do echo "$BASHPID" > "$group/cgroup.procs"; done
    exec setpriv --pdeathsig KILL unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
      --net --ipc --uts --cgroup "$0" --inside "$@"
  ) &
  # Waited for in the background, so that a signal to us is acted on at once.
  wait $! && exit 0 || exit $?
fi
shift

mapfile -t hierarchies < <(awk '$3 ~ /^cgroup/ { print $2, $3, $4 }' /proc/mounts)
mount -t sysfs sysfs /sys                            # shows the links of our own network
only_v2=
[ ${#hierarchies[@]} != 1 ] || [[ ${hierarchies[0]} != "/sys/fs/cgroup cgroup2 "* ]] || only_v2=yes
[ "$only_v2" ] || mount -t tmpfs cgroups /sys/fs/cgroup
for hierarchy in "${hierarchies[@]}"; do             # mounted again, so that our own group is the root of what is seen
  read -r at type options <<< "$hierarchy"
  mkdir -p "$at"
  if [ "$type" = cgroup2 ]; then
    mount -t cgroup2 cgroup2 "$at"
  else
    options=$(tr , '\n' <<< "$options" | grep -vE '^(rw|ro|relatime|nosuid|nodev|noexec)$' | paste -sd,)
    mount -t cgroup -o "$options" cgroup "$at"
  fi
done
if [ "$only_v2" ]; then                              # processes only in leaves, then controllers for the children
  mkdir /sys/fs/cgroup/init
  while read -r pid; do echo "$pid" > /sys/fs/cgroup/init/cgroup.procs || true; done < /sys/fs/cgroup/cgroup.procs
  for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control; done
fi

for folder in /run /var/lib /var/log /dev/shm ${SANDBOX_STATE-}; do        # all state is memory
  mount -t tmpfs -o mode=755 node "$folder"
done
export TMPDIR=/run/tmp
mkdir -m 1777 "$TMPDIR"
mkdir /run/sysctl                                    # kubelet wants these values; they belong to the whole kernel, so they are only shown
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 kernel/keys/root_maxkeys=1000000 \
  kernel/keys/root_maxbytes=25000000; do
  file=/proc/sys/${setting%=*} wanted=${setting#*=}
  [ "$(cat "$file")" = "$wanted" ] && continue
  shown=/run/sysctl/${file//\//.}
  echo "$wanted" > "$shown"
  mount --bind "$shown" "$file"
done
ip link set lo up
ip link add node0 type bridge                        # kubelet refuses a loopback address
ip addr add "${SANDBOX_ADDRESS:?}/24" dev node0
ip link set node0 up
"$@"
