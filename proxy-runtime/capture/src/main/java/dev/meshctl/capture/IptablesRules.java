package dev.meshctl.capture;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A {@link CapturePlan} as chains of our own in the {@code nat} table of one family, in the format
 * of {@code iptables-restore --noflush}: what others have there stays.
 *
 * <p>The nat table sees the first packet of a connection only, so answers need no rule of their
 * own. The chains in the order in which a connection meets them:
 *
 * <ul>
 *   <li>{@code MESH_INBOUND} (PREROUTING): what comes from outside the pod goes to the sidecar's
 *       inbound port, except a node agent's probes and what is left out.
 *   <li>{@code MESH_DNS} (OUTPUT): queries to the pod's resolvers go to the sidecar, except its
 *       own.
 *   <li>{@code MESH_OUTPUT} (OUTPUT): the sidecar's connection to loopback is the last hop to the
 *       workload and is turned to the pod's address, where Kubernetes workloads listen; the
 *       sidecar's connection to an address of the pod's own is a call of the pod to itself through
 *       a service and goes in by the front door; every other connection of the sidecar leaves as it
 *       is; loopback traffic of the workload stays its own; all else goes to the outbound port.
 * </ul>
 */
public final class IptablesRules {
  private static final List<String> CHAINS = List.of("MESH_INBOUND", "MESH_OUTPUT", "MESH_DNS");

  private final CapturePlan plan;
  private final AddressFamily family;
  private final StringBuilder out = new StringBuilder();

  private IptablesRules(CapturePlan plan, AddressFamily family) {
    this.plan = plan;
    this.family = family;
  }

  /**
   * Puts the rules in force, whether or not some of ours are; all at once.
   *
   * @param saved what {@code iptables-save -t nat} prints; empty for a namespace just made
   */
  public static String apply(CapturePlan plan, AddressFamily family, String saved) {
    IptablesRules rules = new IptablesRules(plan, family);
    rules.out.append("*nat\n");
    // With --noflush this empties a chain that is there.
    CHAINS.forEach(chain -> rules.out.append(':').append(chain).append(" - [0:0]\n"));
    jumps(saved).forEach(jump -> rules.out.append(jump).append('\n'));
    rules.inbound();
    rules.dns();
    rules.outbound();
    return rules.out.append("COMMIT\n").toString();
  }

  /** Takes away what {@link #apply} put there; empty where nothing of ours is. */
  public static String remove(String saved) {
    List<String> chains = CHAINS.stream().filter(chain -> isIn(chain, saved)).toList();
    if (chains.isEmpty()) {
      return "";
    }
    StringBuilder out = new StringBuilder("*nat\n");
    jumps(saved).forEach(jump -> out.append(jump).append('\n'));
    chains.forEach(chain -> out.append("-F ").append(chain).append('\n'));
    chains.forEach(chain -> out.append("-X ").append(chain).append('\n'));
    return out.append("COMMIT\n").toString();
  }

  /** Whether our rules are in force. */
  public static boolean isApplied(String saved) {
    return isIn("MESH_OUTPUT", saved) && jumps(saved).size() >= 2;
  }

  private static boolean isIn(String chain, String saved) {
    return saved.lines().anyMatch(line -> line.startsWith(":" + chain + " "));
  }

  /** Rules of the kernel's own chains that lead into ours, as deletions. */
  private static List<String> jumps(String saved) {
    List<String> jumps = new ArrayList<>();
    saved
        .lines()
        .filter(line -> line.startsWith("-A PREROUTING ") || line.startsWith("-A OUTPUT "))
        .filter(line -> CHAINS.stream().anyMatch(chain -> line.endsWith("-j " + chain)))
        .forEach(line -> jumps.add("-D" + line.substring(2)));
    return jumps;
  }

  private void inbound() {
    line("PREROUTING -p tcp -j MESH_INBOUND");
    for (String device : plan.excludedInterfaces()) {
      line("MESH_INBOUND -i " + device + " -j RETURN");
    }
    for (String source : family.among(plan.probeSources())) {
      line("MESH_INBOUND -s " + family.single(source) + " -j RETURN");
    }
    for (int port : plan.inbound().except()) {
      line("MESH_INBOUND -p tcp --dport " + port + " -j RETURN");
    }
    String redirect = " -j REDIRECT --to-ports " + plan.proxy().inboundPort();
    Optional<List<Integer>> only = plan.inbound().only();
    if (only.isEmpty()) {
      line("MESH_INBOUND -p tcp" + redirect);
    } else {
      only.get().forEach(port -> line("MESH_INBOUND -p tcp --dport " + port + redirect));
    }
  }

  /** Above the outbound chain because TCP to port 53 would else go to the outbound port. */
  private void dns() {
    List<String> nameservers = plan.capturedNameservers(family);
    if (nameservers.isEmpty()) {
      return;
    }
    for (String nameserver : nameservers) {
      for (String protocol : List.of("udp", "tcp")) {
        line(
            "OUTPUT -d %s -p %s -m %s --dport 53 -j MESH_DNS"
                .formatted(family.single(nameserver), protocol, protocol));
      }
    }
    owners().forEach(owner -> line("MESH_DNS" + owner + " -j RETURN"));
    for (String protocol : List.of("udp", "tcp")) {
      line("MESH_DNS -p " + protocol + " -j REDIRECT --to-ports " + plan.proxy().dnsPort());
    }
  }

  private void outbound() {
    line("OUTPUT -p tcp -j MESH_OUTPUT");
    for (String device : plan.excludedInterfaces()) {
      line("MESH_OUTPUT -o " + device + " -j RETURN");
    }
    owners().forEach(this::ofProxy);
    line("MESH_OUTPUT -o lo -j RETURN");
    for (int port : plan.outbound().exceptPorts()) {
      line("MESH_OUTPUT -p tcp --dport " + port + " -j RETURN");
    }
    for (String block : family.among(plan.outbound().except())) {
      line("MESH_OUTPUT -d " + block + " -j RETURN");
    }
    String redirect = " -j REDIRECT --to-ports " + plan.proxy().outboundPort();
    for (int port : plan.outbound().ports()) {
      line("MESH_OUTPUT -p tcp --dport " + port + redirect);
    }
    Optional<List<String>> only = plan.outbound().only();
    if (only.isEmpty()) {
      line("MESH_OUTPUT -p tcp" + redirect);
    } else {
      family
          .among(only.get())
          .forEach(block -> line("MESH_OUTPUT -d " + block + " -p tcp" + redirect));
    }
  }

  private void ofProxy(String owner) {
    for (int port : plan.ownPorts()) {
      line("MESH_OUTPUT -o lo -p tcp --dport " + port + owner + " -j RETURN");
    }
    plan.podAddress(family)
        .ifPresent(address ->
            line(
                "MESH_OUTPUT -d %s -o lo -p tcp%s -j DNAT --to-destination %s"
                    .formatted(family.localhost(), owner, address)));
    line(
        "MESH_OUTPUT ! -d %s -o lo -p tcp%s -j REDIRECT --to-ports %d"
            .formatted(family.loopback(), owner, plan.proxy().inboundPort()));
    line("MESH_OUTPUT" + owner + " -j RETURN");
  }

  private List<String> owners() {
    List<String> owners = new ArrayList<>();
    plan.proxy().users().forEach(user -> owners.add(" -m owner --uid-owner " + user));
    plan.proxy().groups().forEach(group -> owners.add(" -m owner --gid-owner " + group));
    return owners;
  }

  private void line(String rule) {
    out.append("-A ").append(rule).append('\n');
  }
}
