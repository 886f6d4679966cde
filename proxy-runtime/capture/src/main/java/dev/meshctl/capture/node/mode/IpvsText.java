package dev.meshctl.capture.node.mode;

import dev.meshctl.capture.node.IpFamily;
import dev.meshctl.capture.node.ServicePort.Target;
import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.resource.Transport;
import java.util.ArrayList;
import java.util.List;

/**
 * IPVS in the words of {@code ip}, {@code ipvsadm}, {@code ipset}, {@code iptables} and netlink.
 */
public final class IpvsText {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;

  /** {@code IP_VS_SVC_F_PERSISTENT}, and which bits are said. */
  private static final String PERSISTENT = "0x1/0xffffffff";

  private static final String NO_FLAGS = "0x0/0xffffffff";
  private static final String MARK = "MARK --set-xmark 0x%1$x/0x%1$x".formatted(RuleWords.MARK);

  /**
   * Masquerading needs connections to be tracked; who keeps a port open (or sticks) to an endpoint
   * that is gone must get another one; nobody but the node's real devices answers who has an
   * address.
   */
  private static final String SETTINGS =
      """
      net.ipv4.vs.conntrack=1
      net.ipv4.vs.conn_reuse_mode=0
      net.ipv4.vs.expire_nodest_conn=1
      net.ipv4.vs.expire_quiescent_template=1
      net.ipv4.conf.all.arp_ignore=1
      net.ipv4.conf.all.arp_announce=2
      """;

  private IpvsText() {}

  /** Input of {@code ip -batch}: the device and its addresses. */
  public static String device(IpvsTables tables) {
    StringBuilder out = new StringBuilder();
    out.append("link add ").append(IpvsTables.DEVICE).append(" type dummy\n");
    for (String address : tables.addresses()) {
      out.append("address add ")
          .append(address)
          .append('/')
          .append(tables.family().bits())
          .append(" dev ")
          .append(IpvsTables.DEVICE)
          .append('\n');
    }
    return out.toString();
  }

  /** Input of {@code ipvsadm --restore}, as {@code ipvsadm --save -n} writes it. */
  public static String servers(IpvsTables tables) {
    StringBuilder out = new StringBuilder();
    for (VirtualServer server : tables.servers()) {
      server(tables.family(), server).forEach(line -> out.append(line).append('\n'));
    }
    return out.toString();
  }

  /** One server with those who answer. */
  public static List<String> server(IpFamily family, VirtualServer server) {
    String at =
        IpvsTables.option(server.transport())
            + " "
            + family.socket(server.address(), server.port());
    List<String> lines = new ArrayList<>();
    lines.add(
        "-A " + at + " -s rr" + (server.stickSeconds() > 0 ? " -p " + server.stickSeconds() : ""));
    for (Target target : server.servers()) {
      lines.add("-a " + at + " -r " + family.socket(target.address(), target.port()) + " -m -w 1");
    }
    return lines;
  }

  /** Input of {@code ipset restore}. */
  public static String sets(IpvsTables tables) {
    StringBuilder out = new StringBuilder();
    String family = tables.family() == IpFamily.V4 ? "inet" : "inet6";
    tables
        .sets()
        .forEach((set, content) -> {
          String name = IpvsTables.name(set, tables.family());
          out.append("create %s %s family %s\n".formatted(name, content.type(), family));
          content.entries().forEach(entry -> out.append("add " + name + " " + entry + "\n"));
        });
    return out.toString();
  }

  /** Input of {@code iptables-restore --noflush}: what IPVS leaves to it, by way of the sets. */
  public static String rules(IpvsTables tables) {
    IpFamily family = tables.family();
    List<String> nat = new ArrayList<>();
    nat.add("-I PREROUTING -j MESH-SERVICES");
    nat.add("-I OUTPUT -j MESH-SERVICES");
    nat.add("-I POSTROUTING -j MESH-POSTROUTING");
    List<IpBlock> pods = tables.node().podRanges(family);
    if (!pods.isEmpty()) {
      nat.add("-A MESH-SERVICES" + in(IpvsTables.CLUSTER, family, "dst,dst") + " -j MESH-OUTSIDE");
    }
    nat.add("-A MESH-SERVICES" + in(IpvsTables.ANYWHERE, family, "dst,dst") + " -j " + MARK);
    nat.add(
        "-A MESH-SERVICES -m addrtype --src-type LOCAL"
            + in(IpvsTables.LOCAL, family, "dst,dst")
            + " -j "
            + MARK);
    nat.addAll(unlessFrom(pods, "MESH-OUTSIDE", MARK));
    nat.add("-A MESH-POSTROUTING" + in(IpvsTables.LOOP, family, "dst,dst,src") + " -j MASQUERADE");
    nat.add(
        "-A MESH-POSTROUTING -m mark ! --mark 0x%1$x/0x%1$x -j RETURN".formatted(RuleWords.MARK));
    nat.add("-A MESH-POSTROUTING -j MARK --set-xmark 0x0/0x%x".formatted(RuleWords.MARK));
    nat.add("-A MESH-POSTROUTING -j MASQUERADE --random-fully");
    List<String> filter = new ArrayList<>();
    filter.add("-I INPUT -m conntrack --ctstate NEW -j MESH-UNSERVED");
    filter.add("-A MESH-UNSERVED" + in(IpvsTables.NOBODY, family, "dst,dst") + " -j DROP");
    filter.add(
        "-A MESH-UNSERVED"
            + in(IpvsTables.BALANCER, family, "dst,dst")
            + in(IpvsTables.ALLOWED, family, "dst,dst,src").replace("-m set ", "-m set ! ")
            + " -j DROP");
    filter.add(
        "-A MESH-UNSERVED" + in(IpvsTables.NOT_HERE, family, "dst,dst") + " -j MESH-NOT-HERE");
    for (String served : List.of(IpvsTables.CLUSTER, IpvsTables.ANYWHERE, IpvsTables.LOCAL)) {
      filter.add("-A MESH-UNSERVED" + in(served, family, "dst,dst") + " -j RETURN");
    }
    // The addresses are the node's now: its own processes must not answer there.
    filter.add("-A MESH-UNSERVED" + in(IpvsTables.ADDRESSES, family, "dst") + " -j REJECT");
    filter.add("-A MESH-NOT-HERE -m addrtype --src-type LOCAL -j RETURN");
    filter.addAll(unlessFrom(pods, "MESH-NOT-HERE", "DROP"));
    return table("nat", List.of("MESH-SERVICES", "MESH-OUTSIDE", "MESH-POSTROUTING"), nat)
        + table("filter", List.of("MESH-UNSERVED", "MESH-NOT-HERE"), filter);
  }

  private static List<String> unlessFrom(List<IpBlock> pods, String chain, String verdict) {
    List<String> lines = new ArrayList<>();
    for (IpBlock range : pods) {
      lines.add(
          "-A " + chain + " -s " + range.address() + "/" + range.prefixLength() + " -j RETURN");
    }
    lines.add("-A " + chain + " -j " + verdict);
    return lines;
  }

  private static String in(String set, IpFamily family, String fields) {
    return " -m set --match-set " + IpvsTables.name(set, family) + " " + fields;
  }

  private static String table(String name, List<String> chains, List<String> lines) {
    StringBuilder out = new StringBuilder("*" + name + "\n");
    chains.forEach(chain -> out.append(':').append(chain).append(" - [0:0]\n"));
    lines.forEach(line -> out.append(line).append('\n'));
    return out.append("COMMIT\n").toString();
  }

  /**
   * The same as messages of generic netlink, family {@code IPVS}, in the names of {@code
   * linux/ip_vs.h}.
   */
  public static String netlink(IpvsTables tables) {
    int family = tables.family() == IpFamily.V4 ? AF_INET : AF_INET6;
    StringBuilder out = new StringBuilder();
    for (VirtualServer server : tables.servers()) {
      String key =
          "SVC_ATTR_AF=%d SVC_ATTR_PROTOCOL=%d SVC_ATTR_ADDR=%s SVC_ATTR_PORT=%d"
              .formatted(family, number(server.transport()), server.address(), server.port());
      out.append("IPVS_CMD_NEW_SERVICE CMD_ATTR_SERVICE { ")
          .append(key)
          .append(" SVC_ATTR_SCHED_NAME=rr SVC_ATTR_FLAGS=")
          .append(server.stickSeconds() > 0 ? PERSISTENT : NO_FLAGS)
          .append(" SVC_ATTR_TIMEOUT=")
          .append(server.stickSeconds())
          .append(" SVC_ATTR_NETMASK=")
          .append(tables.family() == IpFamily.V4 ? "255.255.255.255" : "128")
          .append(" }\n");
      for (Target target : server.servers()) {
        out.append("IPVS_CMD_NEW_DEST CMD_ATTR_SERVICE { ")
            .append(key)
            .append(" } CMD_ATTR_DEST { DEST_ATTR_ADDR_FAMILY=")
            .append(family)
            .append(" DEST_ATTR_ADDR=")
            .append(target.address())
            .append(" DEST_ATTR_PORT=")
            .append(target.port())
            .append(" DEST_ATTR_FWD_METHOD=0 DEST_ATTR_WEIGHT=1")
            .append(" DEST_ATTR_U_THRESH=0 DEST_ATTR_L_THRESH=0 }\n");
      }
    }
    return out.toString();
  }

  /** As in an IP header. */
  private static int number(Transport transport) {
    return switch (transport) {
      case TCP -> 6;
      case UDP -> 17;
      case SCTP -> 132;
    };
  }

  /** All of it, each part under the program that takes it. */
  public static String all(IpvsTables tables) {
    return "# sysctl --load -\n"
        + SETTINGS
        + "\n# ip -batch -\n"
        + device(tables)
        + "\n# ipvsadm --restore\n"
        + servers(tables)
        + "\n# ipset restore\n"
        + sets(tables)
        + "\n# iptables-restore --noflush\n"
        + rules(tables)
        + "\n# generic netlink\n"
        + netlink(tables);
  }
}
