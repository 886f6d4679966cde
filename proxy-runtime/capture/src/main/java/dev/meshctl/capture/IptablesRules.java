package dev.meshctl.capture;

/**
 * A {@link RedirectPlan} as the {@code nat} table of one pod, in the format of {@code
 * iptables-restore}.
 *
 * <p>The nat table sees the first packet of a connection only, so answers need no rule of their
 * own. The chains in the order in which a connection meets them:
 *
 * <ul>
 *   <li>{@code MESH_INBOUND} (PREROUTING): what comes from outside the pod goes to the sidecar's
 *       inbound port, except a node agent's probes.
 *   <li>{@code MESH_OUTPUT} (OUTPUT): the sidecar's connection to 127.0.0.1 is the last hop to the
 *       workload and is turned to the pod's address, where Kubernetes workloads listen; the
 *       sidecar's connection to the pod's own address is a call of the pod to itself through a
 *       service and goes in by the front door; every other connection of the sidecar leaves as it
 *       is; loopback traffic of the workload stays its own; all else goes to the outbound port.
 * </ul>
 */
public final class IptablesRules {
  private IptablesRules() {}

  /** The whole nat table; restoring it twice gives the same table. */
  public static String restore(RedirectPlan plan) {
    StringBuilder out = new StringBuilder("*nat\n");
    for (String chain : new String[] {"PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"}) {
      out.append(':').append(chain).append(" ACCEPT [0:0]\n");
    }
    for (String chain : new String[] {"MESH_INBOUND", "MESH_OUTPUT", "MESH_DNS"}) {
      out.append(':').append(chain).append(" - [0:0]\n");
    }
    inbound(plan, out);
    dns(plan, out);
    outbound(plan, out);
    return out.append("COMMIT\n").toString();
  }

  private static void inbound(RedirectPlan plan, StringBuilder out) {
    line(out, "PREROUTING -p tcp -j MESH_INBOUND");
    for (String source : plan.probeSources()) {
      line(out, "MESH_INBOUND -s " + source + "/32 -j RETURN");
    }
    for (int port : plan.excludedInboundPorts()) {
      line(out, "MESH_INBOUND -p tcp --dport " + port + " -j RETURN");
    }
    line(out, "MESH_INBOUND -p tcp -j REDIRECT --to-ports " + plan.inboundPort());
  }

  /** Above the outbound chain because TCP to port 53 would else go to the outbound port. */
  private static void dns(RedirectPlan plan, StringBuilder out) {
    for (String protocol : new String[] {"udp", "tcp"}) {
      line(
          out,
          "OUTPUT -d "
              + plan.nameserver()
              + "/32 -p "
              + protocol
              + " -m "
              + protocol
              + " --dport 53 -j MESH_DNS");
    }
    line(out, "MESH_DNS -m owner --gid-owner " + plan.proxyGroup() + " -j RETURN");
    for (String protocol : new String[] {"udp", "tcp"}) {
      line(out, "MESH_DNS -p " + protocol + " -j REDIRECT --to-ports " + plan.dnsPort());
    }
  }

  private static void outbound(RedirectPlan plan, StringBuilder out) {
    String proxy = " -m owner --gid-owner " + plan.proxyGroup();
    line(out, "OUTPUT -p tcp -j MESH_OUTPUT");
    line(
        out,
        "MESH_OUTPUT -d 127.0.0.1/32 -o lo -p tcp"
            + proxy
            + " -j DNAT --to-destination "
            + plan.podAddress());
    line(
        out,
        "MESH_OUTPUT -d "
            + plan.podAddress()
            + "/32 -o lo -p tcp"
            + proxy
            + " -j REDIRECT --to-ports "
            + plan.inboundPort());
    line(out, "MESH_OUTPUT" + proxy + " -j RETURN");
    line(out, "MESH_OUTPUT -o lo -j RETURN");
    for (int port : plan.excludedOutboundPorts()) {
      line(out, "MESH_OUTPUT -p tcp --dport " + port + " -j RETURN");
    }
    for (String cidr : plan.excludedOutboundCidrs()) {
      line(out, "MESH_OUTPUT -d " + cidr + " -j RETURN");
    }
    line(out, "MESH_OUTPUT -p tcp -j REDIRECT --to-ports " + plan.outboundPort());
  }

  private static void line(StringBuilder out, String rule) {
    out.append("-A ").append(rule).append('\n');
  }
}
