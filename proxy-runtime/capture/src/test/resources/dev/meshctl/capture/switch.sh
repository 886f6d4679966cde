set -e
echo 1 2>/dev/null >/proc/sys/net/ipv6/conf/default/disable_ipv6 || :
ip link set lo up
ip link add mesh0 type bridge
ip link set mesh0 up
ip link add up0 type veth peer name meshctl77 netns 4711
ip link set up0 master mesh0 up
echo ready
exec cat >/dev/null
