package dev.meshctl.capture;

/**
 * Shell scripts that furnish anonymous network namespaces. Each runs inside a namespace just made
 * by {@code unshare}, says {@code ready} on standard output and then holds the namespace until its
 * standard input ends. No namespace gets a name, so it is gone with the last process in it, and its
 * veth pairs, bridge and rules with it, however that process ended.
 */
public final class NamespaceScripts {
  /** What a script prints when the namespace is furnished. */
  public static final String READY = "ready";

  private static final String HOLD = "echo " + READY + "\nexec cat >/dev/null\n";
  private static final String NO_IPV6 =
      "echo 1 2>/dev/null >/proc/sys/net/ipv6/conf/default/disable_ipv6 || :\n";

  private NamespaceScripts() {}

  /**
   * A bridge that joins the pods of one mesh, with a cable to the namespace of process {@code
   * outside}.
   *
   * @param cable name of the cable's end outside, at most 15 characters
   */
  public static String switchNamespace(long outside, String cable) {
    return "set -e\n"
        + NO_IPV6
        + "ip link set lo up\n"
        + "ip link add mesh0 type bridge\n"
        + "ip link set mesh0 up\n"
        + "ip link add up0 type veth peer name "
        + cable
        + " netns "
        + outside
        + "\n"
        + "ip link set up0 master mesh0 up\n"
        + HOLD;
  }

  /**
   * The namespace of one pod: an interface on the switch, its own {@code /etc/resolv.conf} (so it
   * needs a mount namespace too), and the redirection.
   *
   * @param switchProcess a process in the switch's namespace
   * @param number of the pod, names its port on the switch
   * @param network prefix length of the mesh's network
   * @param gateway default route
   * @param resolvConf file to be seen as {@code /etc/resolv.conf}
   * @param rules which program loads {@code rulesFile}
   */
  public static String pod(
      long switchProcess,
      int number,
      String address,
      int network,
      String gateway,
      String resolvConf,
      RulesFormat rules,
      String rulesFile) {
    String port = "pod" + number;
    return "set -e\n"
        + NO_IPV6
        + "ip link set lo up\n"
        + "ip link add eth0 type veth peer name "
        + port
        + " netns "
        + switchProcess
        + "\n"
        + "nsenter --net=/proc/"
        + switchProcess
        + "/ns/net ip link set "
        + port
        + " master mesh0 up\n"
        + "ip addr add "
        + address
        + "/"
        + network
        + " dev eth0\n"
        + "ip link set eth0 up\n"
        + "ip route add default via "
        + gateway
        + "\n"
        + "mount --bind "
        + quoted(resolvConf)
        + " /etc/resolv.conf\n"
        + rules.loadCommand()
        + " <"
        + quoted(rulesFile)
        + "\n"
        + HOLD;
  }

  /** Contents of a pod's {@code resolv.conf}, as a kubelet writes it. */
  public static String resolvConf(String nameserver, String namespace) {
    return "nameserver "
        + nameserver
        + "\nsearch "
        + namespace
        + ".svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n";
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }
}
