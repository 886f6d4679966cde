package dev.meshctl.integration.node;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.app.NodeMain;
import dev.meshctl.integration.node.TrafficTable.Target;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real packets by each way of a node, beside the real kube-proxy for the same Services. */
class NodeWaysIT {
  private static final String IPTABLES = "iptables-save; ip6tables-save";
  private static final String NFT = "nft list ruleset";

  private static final int CHANGES = 12;
  private static final int FAR_HEALTH = 32015;

  private static final String DNS =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: dns, namespace: default}
      spec: {clusterIP: 10.96.0.53, ports: [{name: dns, port: 53, protocol: UDP}]}
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata: {name: dns-1, namespace: default, labels: {kubernetes.io/service-name: dns}}
      addressType: IPv4
      ports: [{name: dns, port: 5353, protocol: UDP}]
      endpoints: [%s]
      """;

  /** Asked everywhere, by everybody. */
  private static final List<Target> TARGETS = targets();

  /** A port that the cluster address does not have; kube-proxy's iptables send it away. */
  private static final Target OTHER_PORT =
      new Target("cart's other port", "tcp", "10.96.0.10", 81, false);

  @TempDir static Path folder;
  @TempDir static Path cluster;
  private static NodeNetwork network;
  private static Optional<KubeProxy> real = Optional.empty();

  private static List<Target> targets() {
    List<Target> targets = new ArrayList<>();
    targets.add(new Target("cart", "tcp", "10.96.0.10", 80, false));
    targets.add(new Target("cart", "tcp", "10.96.0.10", 9000, false));
    targets.add(new Target("cart", "udp", "10.96.0.10", 53, false));
    targets.add(new Target("cart", "tcp", "172.30.0.1", 30080, false));
    targets.add(new Target("cart", "udp", "172.30.0.1", 30053, false));
    targets.add(new Target("self", "tcp", "10.96.0.11", 80, false));
    targets.add(new Target("empty", "tcp", "10.96.0.12", 80, false));
    targets.add(new Target("empty", "udp", "10.96.0.12", 53, false));
    targets.add(new Target("empty", "tcp", "198.51.100.12", 80, false));
    targets.add(new Target("empty", "tcp", "203.0.113.12", 80, false));
    targets.add(new Target("empty", "tcp", "172.30.0.1", 30082, false));
    for (int i = 13; i <= 15; i++) {
      String name = List.of("front", "edge", "far").get(i - 13);
      targets.add(new Target(name, "tcp", "10.96.0." + i, 80, false));
      targets.add(new Target(name, "tcp", "203.0.113." + i, 80, false));
      targets.add(new Target(name, "tcp", "172.30.0.1", 30070 + i, false));
    }
    targets.add(new Target("front", "tcp", "198.51.100.13", 80, false));
    targets.add(new Target("sticky", "tcp", "10.96.0.16", 80, true));
    targets.add(new Target("leaving", "tcp", "10.96.0.17", 80, false));
    targets.add(new Target("zoned", "tcp", "10.96.0.18", 80, false));
    targets.add(new Target("edge's health", "http", "172.30.0.1", 32014, false));
    targets.add(new Target("far's health", "http", "172.30.0.1", FAR_HEALTH, false));
    return List.copyOf(targets);
  }

  @BeforeAll
  static void build() throws Exception {
    assumeRoot();
    Files.writeString(folder.resolve("nodes.yaml"), resource("nodes.yaml"));
    Files.writeString(folder.resolve("services.yaml"), resource("services.yaml"));
    network = new NodeNetwork();
    real = KubeProxy.start(cluster.resolve("api"));
    if (real.isEmpty()) {
      System.err.println("SKIPPED: the real kube-proxy beside ours: it cannot be built here");
    } else {
      real.get().tell(resource("nodes.yaml"), resource("services.yaml"));
    }
  }

  @AfterAll
  static void tearDown() throws Exception {
    if (real.isPresent()) {
      real.get().close();
    }
    if (network != null) {
      network.close();
    }
  }

  private static void assumeRoot() throws IOException {
    boolean root =
        System.getProperty("os.name", "").equals("Linux")
            && Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    if (!root) {
      System.err.println("SKIPPED: the ways of a node carry no packets here: needs root on Linux");
    }
    Assumptions.assumeTrue(root, "needs root on Linux");
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = NodeWaysIT.class.getResourceAsStream(name)) {
      assertThat(in).as(name).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The rules are ours while this is open. */
  private static AutoCloseable ours(String mode, String listing, String sign) throws IOException {
    AutoCloseable ours = ours(folder, mode, listing, sign);
    awaitHealth();
    return ours;
  }

  /** Load balancers are answered a moment after the rules are in force. */
  private static void awaitHealth() {
    // In state 0A, LISTEN; earlier connections may be remembered with the same port.
    Pattern listens = Pattern.compile(":%04X [0-9A-F]+:0000 0A".formatted(FAR_HEALTH));
    KubeProxy.await(
        "health checks of far",
        () ->
            listens
                .matcher(network.run(NodeNetwork.NODE, "cat /proc/net/tcp /proc/net/tcp6"))
                .find());
  }

  private static AutoCloseable ours(Path folder, String mode, String listing, String sign)
      throws IOException {
    List<String> command =
        new ArrayList<>(network.java(NodeNetwork.NODE, NodeMain.class.getName()));
    command.addAll(
        List.of("--folder", folder.toString(), "--node", "node1", "--mode", mode, "--lifeline"));
    Process agent = network.hold(command.toArray(String[]::new));
    KubeProxy.await(
        "our rules of " + mode, () -> network.run(NodeNetwork.NODE, listing).contains(sign));
    return () -> {
      network.end(agent);
      List<String> removal = new ArrayList<>(command);
      removal.remove("--lifeline");
      removal.add("--remove");
      NodeNetwork.finish(removal, "");
    };
  }

  private static List<Target> withOtherPort() {
    List<Target> all = new ArrayList<>(TARGETS);
    all.add(OTHER_PORT);
    return all;
  }

  @Test
  void iptables_answer_as_the_real_kube_proxy_does() throws Exception {
    String before = untouched(IPTABLES);
    Map<String, String> ourTable;
    try (AutoCloseable ours = ours("iptables", IPTABLES, "10.96.0.18/32")) {
      ourTable = TrafficTable.ask(network, TrafficTable.FOUR, TARGETS);
    }
    assertThat(untouched(IPTABLES)).isEqualTo(before);
    compare("iptables", ourTable, IPTABLES, "10.96.0.18/32", TARGETS);
  }

  /** What kube-proxy's iptables do otherwise than its nftables, which we follow. */
  private static Map<String, String> otherwise(String mode) {
    return mode.equals("iptables")
        ? Map.of(
            "node -> empty 198.51.100.12:80/tcp", "silence",
            "node -> empty 203.0.113.12:80/tcp", "silence")
        : Map.of();
  }

  @Test
  void nftables_answer_as_the_real_kube_proxy_does() throws Exception {
    String before = untouched(NFT);
    Map<String, String> ourTable;
    try (AutoCloseable ours = ours("nftables", NFT, "10.96.0.18 . tcp . 80")) {
      ourTable = TrafficTable.ask(network, TrafficTable.FOUR, withOtherPort());
    }
    assertThat(untouched(NFT)).isEqualTo(before);
    compare("nftables", ourTable, NFT, "10.96.0.18 . tcp . 80", withOtherPort());
  }

  @ParameterizedTest
  @CsvSource({"iptables", "nftables", "userspace"})
  void services_of_ipv6_are_carried_alike(String mode, @TempDir Path six) throws Exception {
    Files.writeString(six.resolve("six.yaml"), resource("six.yaml"));
    List<Target> targets =
        List.of(
            new Target("cart", "tcp", "fd00:96::10", 80, false),
            new Target("cart", "tcp", "fd00:30::1", 30080, false),
            new Target("empty", "tcp", "fd00:96::11", 80, false));
    String listing = mode.equals("nftables") ? NFT : IPTABLES;

    Map<String, String> table;
    try (AutoCloseable ours = ours(six, mode, listing, "fd00:96::11")) {
      table = TrafficTable.ask(network, TrafficTable.SIX, targets);
    }

    keep("ours-six-" + mode, table);
    assertThat(TrafficTable.withoutSources(table))
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                entry("pod-a -> " + targets.get(0), "pod-a pod-b"),
                entry("pod-a -> " + targets.get(1), "pod-a pod-b"),
                entry("pod-a -> " + targets.get(2), "refused"),
                entry("pod-c -> " + targets.get(0), "pod-a pod-b"),
                entry("pod-c -> " + targets.get(1), "pod-a pod-b"),
                entry("pod-c -> " + targets.get(2), "refused"),
                entry("node -> " + targets.get(0), "pod-a pod-b"),
                entry("node -> " + targets.get(1), "pod-a pod-b"),
                entry("node -> " + targets.get(2), "refused"),
                entry("outside -> " + targets.get(0), "pod-a pod-b"),
                entry("outside -> " + targets.get(1), "pod-a"),
                entry("outside -> " + targets.get(2), "refused")));
    if (!mode.equals("userspace")) {
      assertThat(table.get("outside -> " + targets.get(1))).isEqualTo("pod-a(client)");
    }
  }

  @ParameterizedTest
  @CsvSource({"iptables", "nftables", "userspace"})
  void clients_notice_nothing_of_endpoints_that_come_and_go(String mode, @TempDir Path changing)
      throws Exception {
    String listing = mode.equals("nftables") ? NFT : IPTABLES;
    String services = resource("services.yaml");
    String without =
        services.replaceFirst(
            "- \\{addresses: \\[10\\.244\\.2\\.2], nodeName: node2, conditions: \\{ready: true}}\n",
            "");
    assertThat(without).isNotEqualTo(services);
    Files.writeString(changing.resolve("nodes.yaml"), resource("nodes.yaml"));
    Files.writeString(changing.resolve("services.yaml"), services);
    try (AutoCloseable ours = ours(changing, mode, listing, "10.96.0.18")) {
      List<String> command = new ArrayList<>(network.java("pod-c", NodeProbe.class.getName()));
      command.addAll(List.of("load", "10.96.0.10", "80"));
      Process load = network.hold(command.toArray(String[]::new));
      assertThat(load.inputReader().readLine()).isEqualTo("ready");
      for (int i = 0; i < CHANGES; i++) {
        replace(changing.resolve("services.yaml"), i % 2 == 0 ? without : services);
        int now = i;
        KubeProxy.await("change " + i, () -> changed(mode, listing, now));
      }
      load.getOutputStream().write('\n');
      load.getOutputStream().flush();
      String said = load.inputReader().readLine();
      System.err.println(mode + ": " + said);
      assertThat(said).matches("[1-9]\\d{2,} asked, failed: \\[]");
      network.end(load);
    }
  }

  /** How often grpc's endpoints stand in the rules: cart's other port, whose slice it shares. */
  private static boolean changed(String mode, String listing, int change) {
    if (mode.equals("userspace")) {
      // The kernel's rules stay as they are; UDP's do not.
      return network.run(NodeNetwork.NODE, listing).contains("10.244.2.2:5353")
          == (change % 2 != 0);
    }
    return network.run(NodeNetwork.NODE, listing).contains("10.244.2.2:9090") == (change % 2 != 0);
  }

  @ParameterizedTest
  @CsvSource({"iptables", "nftables", "userspace"})
  void who_keeps_sending_over_udp_goes_on_to_who_is_there(String mode, @TempDir Path changing)
      throws Exception {
    String listing = mode.equals("nftables") ? NFT : IPTABLES;
    Files.writeString(changing.resolve("nodes.yaml"), resource("nodes.yaml"));
    Path slices = changing.resolve("dns.yaml");
    Files.writeString(slices, DNS.formatted("{addresses: [10.244.2.2], nodeName: node2}"));
    try (AutoCloseable ours = ours(changing, mode, listing, "10.244.2.2:5353")) {
      List<String> command = new ArrayList<>(network.java("pod-c", NodeProbe.class.getName()));
      command.addAll(List.of("keep", "10.96.0.53", "53"));
      Process client = network.hold(command.toArray(String[]::new));
      assertThat(next(client)).startsWith("pod-b");

      replace(slices, DNS.formatted("{addresses: [10.244.1.2], nodeName: node1}"));
      KubeProxy.await("the endpoint that is there", () -> next(client).startsWith("pod-a"));

      // And nobody: the kernel refuses.
      replace(slices, DNS.formatted(""));
      KubeProxy.await("the refusal", () -> next(client).equals("refused"));

      replace(slices, DNS.formatted("{addresses: [10.244.2.2], nodeName: node2}"));
      KubeProxy.await("an endpoint again", () -> next(client).startsWith("pod-b"));
      network.end(client);
    }
  }

  /** Whoever reads the folder meanwhile sees the one or the other. */
  private static void replace(Path file, String text) throws IOException {
    Path next = Files.writeString(file.resolveSibling("next"), text);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** One more packet from the same port. */
  private static String next(Process client) {
    try {
      client.getOutputStream().write('\n');
      client.getOutputStream().flush();
      return client.inputReader().readLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({"iptables", "nftables", "userspace"})
  void a_thousand_services_are_in_force_soon_and_a_change_sooner(String mode) throws Exception {
    List<String> command =
        new ArrayList<>(network.java(NodeNetwork.NODE, NodeScale.class.getName()));
    command.addAll(List.of(mode, "1000"));
    String said = NodeNetwork.finish(command, "").lines().reduce("", (a, b) -> b);
    System.err.println("1,000 Services by " + mode + ", ms (all, one endpoint, removal): " + said);
    String[] millis = said.split(" ");
    assertThat(Long.parseLong(millis[0])).isLessThan(30_000);
    assertThat(Long.parseLong(millis[1])).isLessThan(10_000);
  }

  /**
   * Who is answered, and by whom; a proxy in the middle is who the endpoint sees, and a port that
   * is refused by a rule is refused as if by the proxy.
   */
  @Test
  void a_proxy_in_the_middle_gives_the_same_answers_as_the_kernel() throws Exception {
    String before = untouched(IPTABLES);
    Map<String, String> kernel;
    try (AutoCloseable ours = ours("iptables", IPTABLES, "10.96.0.18/32")) {
      kernel = TrafficTable.ask(network, TrafficTable.FOUR, withOtherPort());
    }
    Map<String, String> proxied;
    try (AutoCloseable ours = ours("userspace", IPTABLES, "10.96.0.18/32")) {
      proxied = TrafficTable.ask(network, TrafficTable.FOUR, withOtherPort());
    }
    keep("ours-userspace", proxied);
    assertThat(untouched(IPTABLES)).isEqualTo(before);
    assertThat(TrafficTable.withoutSources(proxied))
        .containsExactlyEntriesOf(TrafficTable.withoutSources(kernel));
    proxied.forEach((who, answers) -> {
      if (answers.contains("pod-") && who.endsWith("/tcp")) {
        assertThat(answers).as(who).contains("(node)").doesNotContain("(client)");
      }
    });
  }

  /** A chain that comes and goes leaves the kernel's own tables, which are no doing of ours. */
  private static String untouched(String listing) {
    network.run(
        NodeNetwork.NODE,
        "for i in iptables ip6tables; do for t in nat filter; do"
            + " $i -t $t -N COMES; $i -t $t -X COMES; done; done");
    return network
        .run(NodeNetwork.NODE, listing)
        .replaceAll("(?m)^#.*\\n", "")
        .replaceAll("\\[\\d+:\\d+]", "");
  }

  private static void compare(
      String mode, Map<String, String> ourTable, String listing, String sign, List<Target> targets)
      throws Exception {
    keep("ours-" + mode, ourTable);
    if (real.isEmpty()) {
      System.err.println("SKIPPED: " + mode + " beside the real kube-proxy");
      return;
    }
    try (KubeProxy.Running kubeProxy = real.get().run(network, mode, listing, sign)) {
      awaitHealth();
      Map<String, String> table = TrafficTable.ask(network, TrafficTable.FOUR, targets);
      keep("kube-proxy-" + mode, table);
      Map<String, String> expected = new LinkedHashMap<>(table);
      otherwise(mode)
          .forEach((who, answer) -> {
            assertThat(table).containsEntry(who, answer);
            expected.put(who, "refused");
          });
      assertThat(ourTable).containsExactlyEntriesOf(expected);
    }
  }

  /** An artefact to look at. */
  private static void keep(String name, Map<String, String> table) throws IOException {
    Path kept = Path.of("target", "node-ways");
    Files.createDirectories(kept);
    StringBuilder text = new StringBuilder();
    table.forEach((who, answers) -> text.append(who).append("  ").append(answers).append('\n'));
    Files.writeString(kept.resolve(name + ".txt"), text.toString());
  }
}
