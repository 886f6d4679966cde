package dev.meshctl.capture;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A {@link RedirectPlan} as one nftables table, for machines without {@code iptables-restore}: the
 * same decisions in the same order as {@link IptablesRules}.
 */
public final class NftRules {
  private NftRules() {}

  /** Text for {@code nft -f -}. */
  public static String table(RedirectPlan plan) {
    StringBuilder out = new StringBuilder("table ip mesh {\n");
    inbound(plan, out);
    outbound(plan, out);
    return out.append("}\n").toString();
  }

  private static void inbound(RedirectPlan plan, StringBuilder out) {
    out.append("  chain inbound {\n");
    line(out, "type nat hook prerouting priority dstnat; policy accept;");
    if (!plan.probeSources().isEmpty()) {
      line(out, "ip saddr { " + String.join(", ", plan.probeSources()) + " } return");
    }
    if (!plan.excludedInboundPorts().isEmpty()) {
      line(out, "tcp dport { " + ports(plan.excludedInboundPorts()) + " } return");
    }
    line(out, "meta l4proto tcp redirect to :" + plan.inboundPort());
    out.append("  }\n");
  }

  private static void outbound(RedirectPlan plan, StringBuilder out) {
    String proxy = "meta skgid " + plan.proxyGroup();
    String toNameserver = "ip daddr " + plan.nameserver();
    out.append("  chain outbound {\n");
    // Not the named priority dstnat: older nft takes it in prerouting only.
    line(out, "type nat hook output priority -100; policy accept;");
    line(out, proxy + " ip daddr 127.0.0.1 tcp dport 1-65535 dnat to " + plan.podAddress());
    line(
        out,
        proxy
            + " ip daddr "
            + plan.podAddress()
            + " oifname \"lo\" tcp dport 1-65535 redirect to :"
            + plan.inboundPort());
    line(out, proxy + " return");
    line(out, toNameserver + " udp dport 53 redirect to :" + plan.dnsPort());
    line(out, toNameserver + " tcp dport 53 redirect to :" + plan.dnsPort());
    line(out, "oifname \"lo\" return");
    if (!plan.excludedOutboundPorts().isEmpty()) {
      line(out, "tcp dport { " + ports(plan.excludedOutboundPorts()) + " } return");
    }
    if (!plan.excludedOutboundCidrs().isEmpty()) {
      line(out, "ip daddr { " + String.join(", ", plan.excludedOutboundCidrs()) + " } return");
    }
    line(out, "meta l4proto tcp redirect to :" + plan.outboundPort());
    out.append("  }\n");
  }

  private static String ports(List<Integer> ports) {
    return ports.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private static void line(StringBuilder out, String rule) {
    out.append("    ").append(rule).append('\n');
  }
}
