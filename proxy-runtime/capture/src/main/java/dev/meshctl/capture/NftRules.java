package dev.meshctl.capture;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A {@link CapturePlan} as an nftables table of our own for each family: the same decisions in the
 * same order as {@link IptablesRules}. What is given to {@code nft -f -} happens all at once.
 */
public final class NftRules {
  private static final String TABLE = "meshctl";

  private final CapturePlan plan;
  private final AddressFamily family;
  private final StringBuilder out = new StringBuilder();

  private NftRules(CapturePlan plan, AddressFamily family) {
    this.plan = plan;
    this.family = family;
  }

  /** Puts the rules in force, whether or not some of ours are. */
  public static String apply(CapturePlan plan, AddressFamily family) {
    NftRules rules = new NftRules(plan, family);
    rules.out.append(remove(family)).append("table ").append(table(family)).append(" {\n");
    rules.inbound();
    rules.outbound();
    return rules.out.append("}\n").toString();
  }

  /** Takes away what {@link #apply} put there, if it is there. */
  public static String remove(AddressFamily family) {
    // Only a table that is there can be deleted.
    return "add table " + table(family) + "\ndelete table " + table(family) + "\n";
  }

  /** {@code ip meshctl}. */
  public static String table(AddressFamily family) {
    return family.nft() + " " + TABLE;
  }

  private void inbound() {
    out.append("  chain inbound {\n");
    line("type nat hook prerouting priority -100; policy accept;");
    interfaces("iifname");
    addresses("saddr", family.among(plan.probeSources()), "return");
    ports(plan.inbound().except(), "return");
    String redirect = "redirect to :" + plan.proxy().inboundPort();
    Optional<List<Integer>> only = plan.inbound().only();
    if (only.isEmpty()) {
      line("meta l4proto tcp " + redirect);
    } else {
      ports(only.get(), redirect);
    }
    out.append("  }\n");
  }

  private void outbound() {
    out.append("  chain outbound {\n");
    // Not the named priority dstnat: older nft takes it in prerouting only.
    line("type nat hook output priority -100; policy accept;");
    owners().forEach(this::ofProxy);
    dns();
    interfaces("oifname");
    line("oifname \"lo\" return");
    ports(plan.outbound().exceptPorts(), "return");
    addresses("daddr", family.among(plan.outbound().except()), "return");
    String redirect = "redirect to :" + plan.proxy().outboundPort();
    ports(plan.outbound().ports(), redirect);
    Optional<List<String>> only = plan.outbound().only();
    if (only.isEmpty()) {
      line("meta l4proto tcp " + redirect);
    } else {
      addresses("daddr", family.among(only.get()), "meta l4proto tcp " + redirect);
    }
    out.append("  }\n");
  }

  /** Above the rest because TCP to port 53 would else go to the outbound port. */
  private void dns() {
    List<String> nameservers = plan.capturedNameservers(family);
    if (nameservers.isEmpty()) {
      return;
    }
    for (String protocol : List.of("udp", "tcp")) {
      addresses(
          "daddr", nameservers, protocol + " dport 53 redirect to :" + plan.proxy().dnsPort());
    }
  }

  private void ofProxy(String owner) {
    line(owner + " oifname \"lo\" tcp dport { " + joined(plan.ownPorts()) + " } return");
    plan.podAddress(family)
        .ifPresent(address ->
            line(
                "%s oifname \"lo\" %s daddr %s tcp dport 1-65535 dnat to %s"
                    .formatted(owner, family.nft(), family.localhost(), address)));
    line(
        "%s oifname \"lo\" %s daddr != %s tcp dport 1-65535 redirect to :%d"
            .formatted(owner, family.nft(), family.loopback(), plan.proxy().inboundPort()));
    line(owner + " return");
  }

  private List<String> owners() {
    List<String> owners = new ArrayList<>();
    plan.proxy().users().forEach(user -> owners.add("meta skuid " + user));
    plan.proxy().groups().forEach(group -> owners.add("meta skgid " + group));
    return owners;
  }

  private void interfaces(String way) {
    if (!plan.excludedInterfaces().isEmpty()) {
      String names =
          plan.excludedInterfaces().stream()
              .map(name -> '"' + name + '"')
              .collect(Collectors.joining(", "));
      line(way + " { " + names + " } return");
    }
  }

  private void addresses(String way, List<String> blocks, String then) {
    if (!blocks.isEmpty()) {
      line(family.nft() + " " + way + " { " + String.join(", ", blocks) + " } " + then);
    }
  }

  private void ports(List<Integer> ports, String then) {
    if (!ports.isEmpty()) {
      line("tcp dport { " + joined(ports) + " } " + then);
    }
  }

  private static String joined(List<Integer> ports) {
    return ports.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private void line(String rule) {
    out.append("    ").append(rule).append('\n');
  }
}
