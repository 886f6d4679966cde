# What a cluster needs of the machine, each said plainly when it lacks.

PACKAGES=(containerd runc containernetworking-plugins iptables nftables iproute2 busybox-static)

preflight_control_plane() {
  local c
  for c in python3 openssl curl setsid base64; do have $c || lack "no '$c' in PATH"; done
}

preflight_nodes() {
  [ "$(id -u)" = 0 ] || lack "nodes need root (kube-up --api-only and --nodes 0 do not)"
  unshare --net --mount --pid --fork true 2>/dev/null || lack "this machine does not let us make network, mount and process namespaces"
  install_packages
  local c m
  for c in cpu cpuacct cpuset memory pids devices freezer; do
    m=$(awk -v c=$c '$3 == "cgroup" && ("," $4 ",") ~ ("," c ",") {print $2}' /proc/mounts | head -n1)
    [ -n "$m" ] || lack "no cgroup v1 hierarchy with '$c' is mounted (cgroup v2 is not supported by this kit)"
    { mkdir -p "$m/kube-kit/preflight.$$" && rmdir "$m/kube-kit/preflight.$$"; } 2>/dev/null || lack "cannot make cgroups in $m"
    rmdir "$m/kube-kit" 2>/dev/null || true
  done
  case $DIR/ in /run/*|/var/lib/*|/var/log/*|/proc/*|/sys/*) die "a cluster with nodes cannot live in $DIR: the nodes have a /run, /var/lib and /var/log of their own";; esac
}

install_packages() {
  local p missing=()
  for p in "${PACKAGES[@]}"; do [ "$(dpkg-query -Wf '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing+=("$p"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  have apt-get || lack "missing: ${missing[*]} (these are Debian's names; there is no apt-get here)"
  say "installing ${missing[*]}"
  local get=(apt-get install -y -qq --no-install-recommends "${missing[@]}")
  export DEBIAN_FRONTEND=noninteractive
  "${get[@]}" >"$DIR/apt.log" 2>&1 || { apt-get update -qq >>"$DIR/apt.log" 2>&1 && "${get[@]}" >>"$DIR/apt.log" 2>&1; } ||
    { tail -n 5 "$DIR/apt.log" >&2; lack "apt-get could not install ${missing[*]}"; }
}

# try_runc: one real container, before a kubelet fails for a reason nobody sees
try_runc() {
  local t; t=$(mktemp -d "$DIR/runc.XXXX"); mkdir "$t/rootfs"; cp "$(command -v busybox)" "$t/rootfs/true"
  ( cd "$t"; runc spec; sed -i 's/"terminal": true/"terminal": false/; s#"sh"#"/true"#' config.json
    runc --root "$t/state" run "kube-kit-$$" ) >"$t/log" 2>&1 </dev/null || { tail -n 3 "$t/log" >&2; rm -rf "$t"; lack "runc cannot run a container here"; }
  rm -rf "$t"
}
