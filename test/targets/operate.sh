#!/bin/sh
# A command line for nodes, as somebody with VMs would have one: `operate.sh DIR VERB`. DIR holds start.sh, which becomes
# the node; its process is remembered in DIR/pid. Exit code 0 = done, or it runs; 3 = it does not run.
dir=$1

# Sets pid, start and state (the letter of the process table); another process with the same pid is not the node.
look() {
  [ -f "$dir/pid" ] && read -r pid start < "$dir/pid" || exit 3
  # shellcheck disable=SC2046
  set -- $(sed 's/.*) //' "/proc/$pid/stat" 2> /dev/null)
  [ $# -gt 19 ] || exit 3
  state=$1
  shift 19
  [ "$1" = "$start" ] && [ "$state" != Z ] && [ "$state" != X ] || exit 3
}

case $2 in
  status) look; echo "state=$state pid=$pid start=$start" ;;
  kill) look; kill -KILL "$pid" ;;
  stop) look; kill -TERM "$pid" ;;
  freeze) look; kill -STOP "$pid" ;;
  thaw) look; kill -CONT "$pid" ;;
  start)
    rm -f "$dir/pid"
    setsid sh "$dir/start.sh" >> "$dir/log" 2>&1 < /dev/null &
    pid=$!
    # shellcheck disable=SC2046
    set -- $(sed 's/.*) //' "/proc/$pid/stat")
    shift 19
    echo "$pid $1" > "$dir/pid"
    sleep 0.1
    (look) || { tail -n 1 "$dir/log" >&2; exit 1; }
    ;;
esac
