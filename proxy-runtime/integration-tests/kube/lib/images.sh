# The images that the kit makes itself, from sources here and from files of this machine.

# image_name NAME:TAG: a name without a host part becomes localhost/..., which is what a pod then has to write.
image_name() {
  local n=$1
  [[ $n == *:* && $n != *: && ${n##*:} != */* ]] || die "'$n' is not NAME:TAG"
  case ${n%%/*} in localhost|*.*|*:*) [[ $n == */* ]] || n=localhost/$n;; *) n=localhost/$n;; esac
  echo "$n"
}

# add_program ROOTFS FILE...: each with the libraries and the loader that it needs, at the same places
add_program() {
  local root=$1 f l; shift
  mkdir -p "$root"/{usr/bin,usr/sbin,usr/lib,usr/lib64,proc,sys,dev,etc,run,root} "$root/tmp"; chmod 1777 "$root/tmp"
  for l in bin sbin lib lib64; do [ -e "$root/$l" ] || ln -s "usr/$l" "$root/$l"; done
  for f in "$@"; do
    mkdir -p "$root$(dirname "$f")"; [ -e "$root$f" ] || cp -a "$f" "$root$f"
  done
  needed_libraries "$@" | while read -r l; do mkdir -p "$root$(dirname "$l")"; [ -e "$root$l" ] || cp -L "$l" "$root$l"; done
}
needed_libraries() { [ $# = 0 ] || { ldd "$@" 2>/dev/null || true; } | sed -nE 's#^.*[[:space:]](/[^ :]+) \(0x.*#\1#p' | sort -u; }

add_busybox() { # ROOTFS
  local b; b=$(command -v busybox) || lack "no busybox; install the Debian package busybox-static"
  mkdir -p "$1/usr/bin"; cp "$b" "$1/usr/bin/busybox"
  for a in $("$b" --list); do [ -e "$1/usr/bin/$a" ] || ln -s busybox "$1/usr/bin/$a"; done
}

# make_images: localhost/pause:1 and localhost/tool:1 (busybox, iptables in both kinds, original-dst) in IMAGES
make_images() {
  IMAGES=$CACHE/images-$(cat "$KIT"/src/*.c "$KIT"/lib/image{s.sh,.py} /usr/sbin/xtables-nft-multi | sha256sum | cut -c1-16)
  [ ! -d "$IMAGES" ] || return 0
  have cc || lack "no C compiler 'cc' in PATH (Debian package gcc), needed once for two small static programs"
  local t=$IMAGES.part.$$ tool=$IMAGES.part.$$/tool x
  mkdir -p "$t"/{pause,tool/www}
  cc -O2 -static -o "$t/pause/pause" "$KIT/src/pause.c"
  python3 "$KIT/lib/image.py" "$t/pause.tar" localhost/pause:1 "$t/pause" --entrypoint /pause
  add_program "$tool" /usr/sbin/xtables-nft-multi /usr/sbin/xtables-legacy-multi "$(dirname "$(find /usr/lib -name libxt_owner.so | head -n1)")"/*.so
  for x in /usr/sbin/ip{,6}tables-{nft,legacy}{,-save,-restore}; do cp -a "$x" "$tool$x"; done
  for x in ip{,6}tables{,-save,-restore}; do ln -s xtables-nft-multi "$tool/usr/sbin/$x"; done
  cc -O2 -static -o "$tool/usr/bin/original-dst" "$KIT/src/original-dst.c"
  add_busybox "$tool"
  echo root:x:0:0:root:/root:/bin/sh >"$tool/etc/passwd"
  python3 "$KIT/lib/image.py" "$t/tool.tar" localhost/tool:1 "$tool" --entrypoint /bin/sh
  rm -rf "$t/pause" "$tool"; mv -T "$t" "$IMAGES" 2>/dev/null || rm -rf "$t" # another kube-up may have been faster
}

# make_dns_image: localhost/coredns:1, beside its binary
make_dns_image() {
  DNS_IMAGE=$(coredns_bin)/coredns.tar
  [ ! -f "$DNS_IMAGE" ] || return 0
  local t=$DNS_IMAGE.part.$$
  mkdir -p "$t"; cp "$(coredns_bin)/coredns" "$t/"
  python3 "$KIT/lib/image.py" "$t.tar" localhost/coredns:1 "$t" --entrypoint /coredns
  rm -rf "$t"; mv "$t.tar" "$DNS_IMAGE"
}
