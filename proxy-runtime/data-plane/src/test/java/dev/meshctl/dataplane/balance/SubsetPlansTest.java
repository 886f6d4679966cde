package dev.meshctl.dataplane.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.xds.BalancingOptions;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.Labels;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.SubsetOptions;
import dev.meshctl.model.xds.SubsetOptions.Fallback;
import dev.meshctl.model.xds.SubsetOptions.Localities;
import dev.meshctl.model.xds.SubsetOptions.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SubsetPlansTest {
  private static final Labels V1 = Labels.of(Map.of("version", "v1"));
  private static final Labels V2 = Labels.of(Map.of("version", "v2"));
  private static final Labels V9 = Labels.of(Map.of("version", "v9"));

  private static Endpoint endpoint(int port, Health health, Labels labels) {
    return new Endpoint(
        new SocketEndpoint("127.0.0.1", port), health, 1, false, WorkloadRef.UNKNOWN, "", labels);
  }

  private static Endpoint endpoint(int port, Labels labels) {
    return endpoint(port, Health.HEALTHY, labels);
  }

  private static LocalityEndpoints locality(int priority, int weight, Endpoint... endpoints) {
    return new LocalityEndpoints(
        new Locality("r", "z" + endpoints[0].address().port(), ""),
        priority,
        weight,
        List.of(endpoints));
  }

  private static Balancer<Integer> balancer(
      LoadBalancing policy, BalancingOptions options, LocalityEndpoints... localities) {
    Balancer<Integer> balancer =
        new Balancer<>(
            new ClusterConfig(
                "c",
                new ClusterConfig.Discovery.Eds("c"),
                Duration.ofSeconds(1),
                policy,
                new ClusterConfig.Transport.Plaintext(),
                ClusterConfig.UpstreamProtocol.HTTP1,
                ClusterConfig.CircuitBreakers.DEFAULT,
                Optional.empty(),
                ClusterConfig.ServiceRef.UNKNOWN,
                options),
            new PortsOnly(),
            new SplittableRandom(42),
            () -> true,
            0);
    balancer.update(new LoadAssignment("c", List.of(localities)));
    return balancer;
  }

  private static Balancer<Integer> balancer(
      SubsetOptions subsets, LocalityEndpoints... localities) {
    return balancer(
        LoadBalancing.RANDOM, BalancingOptions.DEFAULT.withSubsets(subsets), localities);
  }

  /** The attachment of a host is its port. */
  private static final class PortsOnly implements Balancer.Owner<Integer> {
    @Override
    public Integer open(Endpoint endpoint) {
      return endpoint.address().port();
    }

    @Override
    public void changed(Integer attachment, Endpoint endpoint) {}

    @Override
    public void close(Integer attachment) {}
  }

  private static int port(@Nullable Host<Integer> host) {
    return Objects.requireNonNull(host).attachment();
  }

  private static Set<Integer> ports(Balancer<Integer> balancer, Labels wanted) {
    var ports = new java.util.TreeSet<Integer>();
    for (int i = 0; i < 200; i++) {
      Host<Integer> host = balancer.pick(i, wanted);
      ports.add(host == null ? 0 : host.attachment());
    }
    return ports;
  }

  @Test
  void a_subset_has_the_hosts_of_its_labels_or_falls_back_as_it_says() {
    SubsetOptions subsets =
        new SubsetOptions(
            new Fallback.DefaultSubset(),
            V1,
            List.of(
                new Selector(Set.of("version"), Optional.empty(), false),
                new Selector(Set.of("version", "stage"), Optional.of(new Fallback.None()), false),
                new Selector(
                    Set.of("version", "zone"),
                    Optional.of(new Fallback.FewerKeys(Set.of("version"))),
                    false)),
            Localities.UNWEIGHTED,
            false,
            false);
    Labels prod = Labels.of(Map.of("stage", "prod"));
    Balancer<Integer> balancer =
        balancer(subsets, locality(0, 0, endpoint(1, V1.with(prod)), endpoint(2, V2.with(prod))));

    assertThat(ports(balancer, V2)).containsOnly(2);
    assertThat(ports(balancer, V2.with(prod))).containsOnly(2);
    assertThat(ports(balancer, V9)).as("no such host").containsOnly(1);
    assertThat(ports(balancer, prod)).as("no such selector").containsOnly(1);
    assertThat(ports(balancer, Labels.NONE)).as("nothing asked for").containsOnly(1);
    assertThat(ports(balancer, V2.with(Labels.of(Map.of("stage", "test"))))).containsOnly(0);
    assertThat(ports(balancer, V2.with(Labels.of(Map.of("zone", "a")))))
        .as("fewer keys")
        .containsOnly(2);
    assertThat(ports(balancer, V9.with(Labels.of(Map.of("zone", "a")))))
        .as("fewer keys, no host of those either")
        .containsOnly(1);

    balancer.update(
        new LoadAssignment("c", List.of(locality(0, 0, endpoint(1, V1), endpoint(3, V9)))));
    assertThat(ports(balancer, V9)).as("a host that came").containsOnly(3);
  }

  @Test
  void an_empty_fallback_takes_anybody_in_panic_only() {
    SubsetOptions calm =
        new SubsetOptions(
            new Fallback.DefaultSubset(), V9, List.of(), Localities.UNWEIGHTED, false, false);
    SubsetOptions panicking =
        new SubsetOptions(
            new Fallback.DefaultSubset(), V9, List.of(), Localities.UNWEIGHTED, true, false);
    assertThat(ports(balancer(calm, locality(0, 0, endpoint(1, V1))), V1)).containsOnly(0);
    assertThat(ports(balancer(panicking, locality(0, 0, endpoint(1, V1))), V1)).containsOnly(1);
  }

  @Test
  void a_list_has_each_of_its_elements_where_that_is_said() {
    Labels both =
        new Labels(
            Map.of(
                "version",
                new Labels.Value.Several(
                    List.of(new Labels.Value.Text("v1"), new Labels.Value.Text("v2")))));
    LocalityEndpoints hosts = locality(0, 0, endpoint(1, V1), endpoint(2, both));
    SubsetOptions exact = SubsetOptions.by(new Fallback.None(), "version");
    assertThat(ports(balancer(exact, hosts), V1)).containsOnly(1);
    assertThat(ports(balancer(exact, hosts), both)).containsOnly(2);
    SubsetOptions any =
        new SubsetOptions(
            exact.fallback(), Labels.NONE, exact.selectors(), exact.localities(), false, true);
    assertThat(ports(balancer(any, hosts), V1)).containsOnly(1, 2);
    assertThat(ports(balancer(any, hosts), V2)).containsOnly(2);
  }

  @Test
  void one_label_names_one_host_whatever_its_priority() {
    SubsetOptions single =
        new SubsetOptions(
            new Fallback.None(),
            Labels.NONE,
            List.of(new Selector(Set.of("version"), Optional.empty(), true)),
            Localities.UNWEIGHTED,
            false,
            false);
    Balancer<Integer> balancer =
        balancer(
            single,
            locality(0, 0, endpoint(1, V1), endpoint(2, V1)),
            locality(1, 0, endpoint(3, V2)));
    assertThat(ports(balancer, V1)).as("the first of two").containsOnly(1);
    assertThat(ports(balancer, V2)).containsOnly(3);
  }

  @Test
  void weights_of_localities_count_in_subsets_as_is_said() {
    LocalityEndpoints small = locality(0, 3, endpoint(1, V1));
    LocalityEndpoints large =
        locality(0, 9, endpoint(2, V1), endpoint(3, V2), endpoint(4, V2), endpoint(5, V2));
    assertThat(share(Localities.UNWEIGHTED, small, large)).isBetween(0.45, 0.55);
    assertThat(share(Localities.WEIGHTED, small, large)).isBetween(0.20, 0.30);
    // A quarter of the hosts of the large one is in the subset: 9 counts as 2.
    assertThat(share(Localities.SCALED, small, large)).isBetween(0.55, 0.65);
  }

  private static double share(Localities weights, LocalityEndpoints... localities) {
    Balancer<Integer> balancer =
        balancer(
            new SubsetOptions(
                new Fallback.None(),
                Labels.NONE,
                List.of(new Selector(Set.of("version"), Optional.empty(), false)),
                weights,
                false,
                false),
            localities);
    int first = 0;
    for (int i = 0; i < 10_000; i++) {
      first += port(balancer.pick(i, V1)) == 1 ? 1 : 0;
    }
    return first / 10_000.0;
  }

  @Property(seed = "42", tries = 400, edgeCases = EdgeCasesMode.NONE)
  void a_pick_is_never_outside_its_subset_unless_the_fallback_says_so(
      @ForAll LoadBalancing policy, @ForAll long seed) {
    SplittableRandom dice = new SplittableRandom(seed);
    SubsetOptions subsets =
        new SubsetOptions(
            fallback(dice),
            labels(dice),
            List.of(
                new Selector(Set.of("a"), own(dice), false),
                new Selector(Set.of("a", "b"), own(dice), false)),
            Localities.values()[dice.nextInt(3)],
            false,
            dice.nextBoolean());
    List<LocalityEndpoints> localities = new ArrayList<>();
    int port = 1;
    for (int i = 0; i < 3; i++) {
      List<Endpoint> hosts = new ArrayList<>();
      for (int j = dice.nextInt(4); j >= 0; j--) {
        Health health = dice.nextInt(4) == 0 ? Health.UNHEALTHY : Health.HEALTHY;
        hosts.add(endpoint(port++, health, labels(dice)));
      }
      localities.add(
          new LocalityEndpoints(
              new Locality("r", "z" + i, ""), dice.nextInt(2), dice.nextInt(3), hosts));
    }
    Balancer<Integer> balancer =
        balancer(
            policy,
            BalancingOptions.DEFAULT.withSubsets(subsets),
            localities.toArray(LocalityEndpoints[]::new));
    List<Host<Integer>> hosts = List.copyOf(balancer.hosts());
    for (int i = 0; i < 30; i++) {
      Labels wanted = labels(dice);
      Optional<Selector> selector =
          subsets.selectors().stream().filter(one -> one.keys().equals(wanted.keys())).findFirst();
      boolean meant =
          selector.isPresent() && hosts.stream().anyMatch(host -> has(host, wanted, subsets));
      Fallback fallback = selector.flatMap(Selector::fallback).orElse(subsets.fallback());
      Host<Integer> picked = balancer.pick(dice.nextLong(), wanted);
      if (picked != null) {
        assertThat(picked.isHealthy()).isTrue();
        if (meant) {
          assertThat(has(picked, wanted, subsets)).as("%s of %s", picked, wanted).isTrue();
        } else {
          assertThat(fallback).isNotInstanceOf(Fallback.None.class);
          if (fallback instanceof Fallback.DefaultSubset) {
            assertThat(has(picked, subsets.defaultSubset(), subsets)).isTrue();
          }
        }
      }
    }
  }

  private static boolean has(Host<Integer> host, Labels wanted, SubsetOptions subsets) {
    return host.endpoint().labels().have(wanted, subsets.listAsAny());
  }

  private static Fallback fallback(SplittableRandom dice) {
    return switch (dice.nextInt(3)) {
      case 0 -> new Fallback.None();
      case 1 -> new Fallback.AnyEndpoint();
      default -> new Fallback.DefaultSubset();
    };
  }

  private static Optional<Fallback> own(SplittableRandom dice) {
    return dice.nextBoolean() ? Optional.of(fallback(dice)) : Optional.empty();
  }

  private static Labels labels(SplittableRandom dice) {
    Labels labels = Labels.NONE;
    for (String key : List.of("a", "b")) {
      int value = dice.nextInt(4);
      if (value < 3) {
        labels = labels.with(Labels.of(Map.of(key, "v" + value)));
      }
    }
    return labels;
  }
}
