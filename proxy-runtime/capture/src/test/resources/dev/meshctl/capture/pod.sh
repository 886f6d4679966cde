set -e
echo 1 2>/dev/null >/proc/sys/net/ipv6/conf/default/disable_ipv6 || :
ip link set lo up
ip link add eth0 type veth peer name pod4 netns 4712
nsenter --net=/proc/4712/ns/net ip link set pod4 master mesh0 up
ip addr add 10.77.1.4/16 dev eth0
ip link set eth0 up
ip route add default via 10.77.0.1
mount --bind '/run/it'\''s/resolv.conf' /etc/resolv.conf
iptables-restore -w -n <'/run/it'\''s/rules'
echo ready
exec cat >/dev/null
