# Shared by every command of the kit; sourced, never run.
# KIT is the kit's own folder; every command sets it before sourcing this file.
set -euo pipefail
shopt -s nullglob

KUBE_VERSION=v1.37.2
CACHE=${KUBE_KIT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kube-kit}
SWITCH=kube-switch # network namespace of the bridge that joins the machines of all clusters

say()  { printf '%s\n' "$*" >&2; }
step() { printf '  %-34s' "$*" >&2; STEP_AT=$(now_ms); }
done_() { local ms=$(($(now_ms) - STEP_AT)); printf '%4d.%d s\n' $((ms / 1000)) $((ms % 1000 / 100)) >&2; }
die()  { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }
# lack: like die, when it is the machine that cannot; the tests then skip, and fail upon anything else
lack() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 69; }
now_ms() { date +%s%3N; }
have() { command -v "$1" >/dev/null 2>&1; }
need_value() { [ $# -ge 2 ] || die "$1 needs a value (see --help)"; }
# usage: the comment at the head of the command, without its first line and its '#'.
usage() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"; exit "${1:-0}"; }

# --- where things are -------------------------------------------------------------------------------------------------
kube_bin()    { echo "$CACHE/$(cat "$KIT"/src/kube/{go.sum,main.go,relay.go} | sha256sum | cut -c1-16)"; }
coredns_bin() { echo "$CACHE/coredns-$(cat "$KIT"/src/coredns/{go.sum,main.go} | sha256sum | cut -c1-16)"; }
default_dir() { echo "${TMPDIR:-/tmp}/kube-kit-$(id -u)/$1"; } # not /run: nodes have one of their own

# load_cluster DIR: the parameters that kube-up wrote there.
load_cluster() {
  [ -f "$1/cluster.env" ] || die "no cluster in $1 (kube-up --dir $1 makes one)"
  DIR=$(cd "$1" && pwd -P); . "$DIR/cluster.env"
}

# --- processes --------------------------------------------------------------------------------------------------------
# A pid file holds "PID STARTTIME": a number that was given to another process since is not taken for ours.
start_time() { local s; s=$(cat "/proc/$1/stat" 2>/dev/null) || return 1; s=${s##*) }; set -- $s; [ "$1" != Z ] && echo "${20}"; }
write_pid()  { echo "$2 $(start_time "$2")" >"$1"; }
pid_of() { # FILE: prints the pid when that very process lives
  local pid start; read -r pid start 2>/dev/null <"$1" || return 1
  [ -n "$start" ] && [ "$(start_time "$pid")" = "$start" ] && echo "$pid"
}

# daemon NAME COMMAND...: starts it once, with log and pid file in DIR; no-op while it lives.
daemon() {
  local name=$1; shift
  ! pid_of "$DIR/$name.pid" >/dev/null || return 0
  setsid "$@" </dev/null >>"$DIR/$name.log" 2>&1 9>&- &
  write_pid "$DIR/$name.pid" $!
  disown $!
}

# wait_for NAME SECONDS COMMAND...: until COMMAND succeeds; with the end of its log when NAME dies or time is up.
wait_for() {
  local name=$1 end=$(($(now_ms) + $2 * 1000)); shift 2
  until "$@" >/dev/null 2>&1; do
    pid_of "$DIR/$name.pid" >/dev/null || { tail -n 8 "$DIR/$name.log" >&2; die "$name ended; its log is $DIR/$name.log"; }
    [ "$(now_ms)" -lt $end ] || { tail -n 8 "$DIR/$name.log" >&2; die "$name is not ready in time; its log is $DIR/$name.log"; }
    sleep 0.1
  done
}

# free_ports N: N ports free on loopback, below the range that the kernel hands out by itself.
free_ports() {
  python3 - "$1" "${ADDR:-127.0.0.1}" <<'P'
import random, socket, sys
found = set()
while len(found) < int(sys.argv[1]):
    port = random.randrange(20000, 32000)
    with socket.socket() as s:
        try: s.bind((sys.argv[2], port)); found.add(port)
        except OSError: pass
print(*found)
P
}

# --- machines: network namespace NAME, and for nodes also mounts, processes and cgroups of their own -------------------
netns() { echo "kube-$NAME-$1"; } # of cp, node1, node2
node_names() { local i; for ((i = 1; i <= NODES; i++)); do echo "node$i"; done; }
# in_net MACHINE COMMAND...: with its network only. Not "ip netns exec", which hides /sys/fs/cgroup.
in_net() { local m=$1; shift; nsenter --net="/run/netns/$(netns "$m")" -- "$@"; }
# in_node NODE COMMAND...: with its mounts and processes too, so that containerd and its files are in their usual places.
in_node() {
  local pid; pid=$(pid_of "$DIR/$1.pid") || die "$1 is not running"; shift
  nsenter --mount="/proc/$pid/ns/mnt" --pid="/proc/$pid/ns/pid_for_children" --net="/proc/$pid/ns/net" --cgroup="/proc/$pid/ns/cgroup" -- "$@"
}
cgroup_mounts() { awk '$3 == "cgroup" {print $2}' /proc/mounts; } # of cgroup v1, one for each hierarchy
cluster_cgroups() { local m; for m in $(cgroup_mounts); do [ ! -d "$m/kube-kit/$NAME" ] || echo "$m/kube-kit/$NAME"; done; }
# remove_cgroups FOLDER...: with those below; their last processes may still be going
remove_cgroups() {
  local try g
  for try in {1..100}; do
    for g in "$@"; do [ ! -d "$g" ] || find "$g" -depth -type d -exec rmdir {} + 2>/dev/null || true; done
    for g in "$@"; do [ ! -d "$g" ] || { sleep 0.05; continue 2; }; done
    return 0
  done
}
