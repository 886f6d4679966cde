package dev.meshctl.dataplane.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.resilience.OutlierDetector.Outcome;
import dev.meshctl.model.xds.BalancingOptions;
import dev.meshctl.model.xds.BalancingOptions.SlowStart;
import dev.meshctl.model.xds.BalancingOptions.ZoneAware;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.ClusterConfig.OutlierDetection;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import dev.meshctl.model.xds.SocketEndpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BalancerTest {
  private static final int PICKS = 40_000;

  /** Remembers what it was told; the attachment of a host is its port. */
  private static final class Ledger implements Balancer.Owner<Integer> {
    private final List<Integer> opened = new ArrayList<>();
    private final List<Integer> changed = new ArrayList<>();
    private final List<Integer> closed = new ArrayList<>();

    @Override
    public Integer open(Endpoint endpoint) {
      opened.add(endpoint.address().port());
      return endpoint.address().port();
    }

    @Override
    public void changed(Integer attachment, Endpoint endpoint) {
      changed.add(attachment);
    }

    @Override
    public void close(Integer attachment) {
      closed.add(attachment);
    }
  }

  private final Ledger ledger = new Ledger();

  private Balancer<Integer> balancer(LoadBalancing policy, int panicPercent, long seed) {
    return balancer(policy, BalancingOptions.DEFAULT.withPanicPercent(panicPercent), seed);
  }

  private Balancer<Integer> balancer(LoadBalancing policy, BalancingOptions options, long seed) {
    return new Balancer<>(
        config(policy, options), ledger, new SplittableRandom(seed), () -> true, 0);
  }

  private static ClusterConfig config(LoadBalancing policy, int panicPercent) {
    return config(policy, BalancingOptions.DEFAULT.withPanicPercent(panicPercent));
  }

  private static ClusterConfig config(LoadBalancing policy, BalancingOptions options) {
    return new ClusterConfig(
        "c",
        new ClusterConfig.Discovery.Eds("c"),
        Duration.ofSeconds(1),
        policy,
        new ClusterConfig.Transport.Plaintext(),
        ClusterConfig.UpstreamProtocol.HTTP1,
        ClusterConfig.CircuitBreakers.DEFAULT,
        Optional.of(new OutlierDetection(1, 1, Duration.ofSeconds(1), Duration.ofSeconds(30), 100)),
        ClusterConfig.ServiceRef.UNKNOWN,
        options);
  }

  private static Endpoint endpoint(int port, Health health, int weight) {
    return new Endpoint(
        new SocketEndpoint("127.0.0.1", port), health, weight, false, WorkloadRef.UNKNOWN);
  }

  private static LocalityEndpoints locality(int priority, int weight, Endpoint... endpoints) {
    return new LocalityEndpoints(Locality.NONE, priority, weight, List.of(endpoints));
  }

  private static LoadAssignment assignment(LocalityEndpoints... localities) {
    return new LoadAssignment("c", List.of(localities));
  }

  private static LoadAssignment hosts(int... weights) {
    return assignment(
        locality(
            0,
            0,
            IntStream.range(0, weights.length)
                .mapToObj(i -> endpoint(i + 1, Health.HEALTHY, weights[i]))
                .toArray(Endpoint[]::new)));
  }

  private static Host<Integer> picked(Balancer<Integer> balancer) {
    return Objects.requireNonNull(balancer.pick());
  }

  private static Map<Integer, Integer> picks(Balancer<Integer> balancer) {
    Map<Integer, Integer> counts = new HashMap<>();
    for (int i = 0; i < PICKS; i++) {
      Host<Integer> host = balancer.pick();
      counts.merge(host == null ? 0 : host.attachment(), 1, Integer::sum);
    }
    return counts;
  }

  private static void assertShare(Map<Integer, Integer> picks, int port, double share) {
    double bound = 5 * Math.sqrt(PICKS * share * (1 - share)) + 1;
    assertThat((double) picks.getOrDefault(port, 0))
        .as("picks of " + port + " in " + picks)
        .isBetween(PICKS * share - bound, PICKS * share + bound);
  }

  @ParameterizedTest
  // A ring's shares are those of its places: HashBalancingTest.
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RING_HASH")
  void idle_hosts_share_in_proportion_to_their_weights(LoadBalancing policy) {
    Balancer<Integer> balancer = balancer(policy, 0, 42);
    balancer.update(hosts(1, 2, 5));

    Map<Integer, Integer> picks = picks(balancer);

    assertShare(picks, 1, 1 / 8.0);
    assertShare(picks, 2, 2 / 8.0);
    assertShare(picks, 3, 5 / 8.0);
  }

  @Test
  void round_robin_of_equals_takes_turns() {
    Balancer<Integer> balancer = balancer(LoadBalancing.ROUND_ROBIN, 0, 42);
    balancer.update(hosts(1, 1, 1));

    List<Integer> picked =
        IntStream.range(0, 6).mapToObj(i -> picked(balancer).attachment()).toList();

    assertThat(picked.subList(0, 3)).containsExactlyInAnyOrder(1, 2, 3);
    assertThat(picked.subList(3, 6)).isEqualTo(picked.subList(0, 3));
  }

  @Test
  void weighted_round_robin_never_lags_more_than_a_turn() {
    Balancer<Integer> balancer = balancer(LoadBalancing.ROUND_ROBIN, 0, 42);
    balancer.update(hosts(1, 3));

    int ofFirst = 0;
    for (int turn = 1; turn <= 400; turn++) {
      ofFirst += picked(balancer).attachment() == 1 ? 1 : 0;
      assertThat((double) ofFirst).isBetween(turn / 4.0 - 1.01, turn / 4.0 + 1.01);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ROUND_ROBIN", "LEAST_REQUEST"})
  void a_new_host_begins_with_a_small_share_and_grows(LoadBalancing policy) {
    Duration window = Duration.ofSeconds(10);
    Balancer<Integer> balancer =
        balancer(policy, BalancingOptions.DEFAULT.withSlowStart(new SlowStart(window, 1, 10)), 42);
    balancer.update(hosts(1));
    balancer.check(window.toNanos());
    balancer.update(hosts(1, 1));

    assertShare(picks(balancer), 2, 0.1 / 1.1);
    balancer.check(window.toNanos() * 3 / 2);
    assertShare(picks(balancer), 2, 0.5 / 1.5);
    balancer.check(window.toNanos() * 2);
    assertShare(picks(balancer), 2, 0.5);
  }

  @Test
  void more_choices_find_the_idle_host_more_often() {
    BalancingOptions many = new BalancingOptions(8, 1024, 4096, 251, 0, true, Optional.empty());
    Balancer<Integer> balancer = balancer(LoadBalancing.LEAST_REQUEST, many, 42);
    balancer.update(hosts(1, 1, 1, 1, 1, 1, 1, 1));
    Host<Integer> idle = balancer.hosts().iterator().next();
    balancer.hosts().stream().filter(host -> host != idle).forEach(balancer::started);

    // Two by two it would be a quarter of all.
    assertThat(picks(balancer).get(1)).isGreaterThan(PICKS / 2);
  }

  @ParameterizedTest
  @EnumSource(names = {"RING_HASH", "MAGLEV"})
  void a_hash_always_gets_the_same_host_and_a_retry_another(LoadBalancing policy) {
    Balancer<Integer> balancer = balancer(policy, 0, 42);
    balancer.update(hosts(1, 1, 1, 1));
    for (long key = 0; key < 200; key++) {
      Host<Integer> host = Objects.requireNonNull(balancer.pick(key));
      assertThat(balancer.pick(key)).isSameAs(host);
      assertThat(balancer.pickOther(host, key)).isSameAs(balancer.pickOther(host, key));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RING_HASH", "MAGLEV"})
  void only_keys_of_a_host_that_fails_move_and_they_come_back(LoadBalancing policy) {
    Balancer<Integer> balancer = balancer(policy, 0, 42);
    balancer.update(hosts(1, 1, 1, 1, 1));
    Map<Long, Host<Integer>> before = new HashMap<>();
    for (long key = 0; key < 500; key++) {
      before.put(key, Objects.requireNonNull(balancer.pick(key * 0x9E3779B97F4A7C15L)));
    }
    Host<Integer> failing = before.get(0L);
    balancer.checked(Objects.requireNonNull(failing), false);
    before.forEach((key, host) -> {
      Host<Integer> now = balancer.pick(key * 0x9E3779B97F4A7C15L);
      if (host == failing) {
        assertThat(now).isNotSameAs(failing);
      } else {
        assertThat(now).isSameAs(host);
      }
    });
    balancer.checked(failing, true);
    before.forEach(
        (key, host) -> assertThat(balancer.pick(key * 0x9E3779B97F4A7C15L)).isSameAs(host));
    assertThat(balancer.tablesMade()).isEqualTo(1);
  }

  @Test
  void least_request_keeps_away_from_a_slow_host() {
    Balancer<Integer> balancer = balancer(LoadBalancing.LEAST_REQUEST, 0, 42);
    balancer.update(hosts(1, 1));
    Host<Integer> slow = balancer.hosts().iterator().next();
    balancer.started(slow);

    for (int i = 0; i < 1000; i++) {
      assertThat(balancer.pick()).isNotSameAs(slow);
    }
  }

  @Test
  void a_retry_goes_to_another_host_where_there_is_one() {
    Balancer<Integer> balancer = balancer(LoadBalancing.ROUND_ROBIN, 0, 42);
    balancer.update(hosts(1, 1));
    Host<Integer> failed = picked(balancer);
    assertThat(balancer.pickOther(failed)).isNotSameAs(failed);

    balancer.update(hosts(1));
    Host<Integer> only = picked(balancer);
    assertThat(balancer.pickOther(only)).isSameAs(only);
  }

  @Test
  void nobody_is_picked_where_nobody_is() {
    Balancer<Integer> balancer = balancer(LoadBalancing.LEAST_REQUEST, 50, 42);
    assertThat(balancer.pick()).isNull();
    balancer.update(assignment(locality(0, 0)));
    assertThat(balancer.pick()).isNull();
    balancer.update(assignment(locality(0, 0, endpoint(1, Health.DRAINING, 1))));
    assertThat(balancer.pick()).isNull();
  }

  @Test
  void the_next_priority_takes_what_the_first_cannot() {
    Balancer<Integer> balancer = balancer(LoadBalancing.RANDOM, 0, 42);
    Endpoint spare = endpoint(9, Health.HEALTHY, 1);
    balancer.update(
        assignment(
            locality(0, 0, endpoint(1, Health.HEALTHY, 1), endpoint(2, Health.HEALTHY, 1)),
            locality(1, 0, spare)));
    assertThat(picks(balancer)).doesNotContainKey(9);

    balancer.update(
        assignment(
            locality(0, 0, endpoint(1, Health.HEALTHY, 1), endpoint(2, Health.UNHEALTHY, 1)),
            locality(1, 0, spare)));
    Map<Integer, Integer> half = picks(balancer);
    assertShare(half, 1, 0.7);
    assertShare(half, 9, 0.3);

    balancer.update(
        assignment(locality(0, 0, endpoint(1, Health.UNHEALTHY, 1)), locality(1, 0, spare)));
    assertThat(picks(balancer)).containsOnlyKeys(9);
  }

  @Test
  void localities_share_by_weight_and_give_away_with_their_hosts() {
    Balancer<Integer> balancer = balancer(LoadBalancing.LEAST_REQUEST, 0, 42);
    balancer.update(
        assignment(
            locality(0, 3, endpoint(1, Health.HEALTHY, 1)),
            locality(0, 1, endpoint(2, Health.HEALTHY, 1), endpoint(3, Health.HEALTHY, 1))));
    Map<Integer, Integer> whole = picks(balancer);
    assertShare(whole, 1, 0.75);
    assertShare(whole, 2, 0.125);

    balancer.update(
        assignment(
            locality(0, 3, endpoint(1, Health.UNHEALTHY, 1)),
            locality(0, 1, endpoint(2, Health.HEALTHY, 1), endpoint(3, Health.HEALTHY, 1))));
    assertThat(picks(balancer)).containsOnlyKeys(2, 3);
  }

  @Test
  void the_own_zone_is_preferred_where_it_can_take_the_load() {
    Locality near = new Locality("r", "near", "");
    Locality far = new Locality("r", "far", "");
    Balancer<Integer> balancer =
        balancer(
            LoadBalancing.RANDOM,
            BalancingOptions.DEFAULT.withZoneAware(new ZoneAware(100, 4, false)),
            42);
    LoadAssignment hosts =
        assignment(
            new LocalityEndpoints(
                near,
                0,
                0,
                List.of(endpoint(1, Health.HEALTHY, 1), endpoint(2, Health.HEALTHY, 1))),
            new LocalityEndpoints(
                far,
                0,
                0,
                List.of(endpoint(3, Health.HEALTHY, 1), endpoint(4, Health.HEALTHY, 1))));
    balancer.update(hosts);
    assertThat(picks(balancer)).containsOnlyKeys(1, 2, 3, 4);

    balancer.zone(Optional.of(new LocalZone(near, Map.of(near, 3, far, 3))));
    assertThat(picks(balancer)).containsOnlyKeys(1, 2);

    balancer.zone(Optional.of(new LocalZone(near, Map.of(near, 3, far, 1))));
    Map<Integer, Integer> spilling = picks(balancer);
    assertShare(spilling, 1, 1 / 3.0);
    assertShare(spilling, 3, 1 / 6.0);
  }

  @Test
  void the_overprovisioning_factor_says_when_load_spills() {
    Balancer<Integer> balancer = balancer(LoadBalancing.RANDOM, 0, 42);
    List<LocalityEndpoints> hosts =
        List.of(
            locality(0, 0, endpoint(1, Health.HEALTHY, 1), endpoint(2, Health.UNHEALTHY, 1)),
            locality(1, 0, endpoint(9, Health.HEALTHY, 1)));
    balancer.update(new LoadAssignment("c", hosts, 200));
    assertThat(picks(balancer)).containsOnlyKeys(1);

    balancer.update(new LoadAssignment("c", hosts, 100));
    assertShare(picks(balancer), 9, 0.5);
  }

  @Test
  void panic_uses_the_unhealthy_too_but_not_the_draining() {
    LoadAssignment bad =
        assignment(
            locality(
                0,
                0,
                endpoint(1, Health.HEALTHY, 1),
                endpoint(2, Health.UNHEALTHY, 1),
                endpoint(3, Health.UNHEALTHY, 1),
                endpoint(4, Health.DRAINING, 1)));
    Balancer<Integer> panicking = balancer(LoadBalancing.RANDOM, 50, 42);
    panicking.update(bad);
    assertThat(panicking.isPanic()).isTrue();
    assertThat(picks(panicking)).containsOnlyKeys(1, 2, 3);

    Balancer<Integer> calm = balancer(LoadBalancing.RANDOM, 0, 42);
    calm.update(bad);
    assertThat(calm.isPanic()).isFalse();
    assertThat(picks(calm)).containsOnlyKeys(1);
  }

  @Test
  void a_host_that_stays_keeps_its_counts_its_ejection_and_its_pool() {
    Balancer<Integer> balancer = balancer(LoadBalancing.LEAST_REQUEST, 0, 42);
    balancer.update(hosts(1, 1, 1));
    Host<Integer> failing = picked(balancer);
    balancer.started(failing);
    balancer.started(failing);
    balancer.ended(failing, Outcome.LOCAL_ORIGIN, 0);
    int stays = failing.attachment();

    balancer.update(
        assignment(
            locality(0, 0, endpoint(stays, Health.HEALTHY, 7), endpoint(8, Health.HEALTHY, 1))));

    assertThat(balancer.hosts()).contains(failing);
    assertThat(failing.isEjected()).isTrue();
    assertThat(failing.active()).isEqualTo(1);
    assertThat(failing.endpoint().weight()).isEqualTo(7);
    assertThat(picks(balancer)).containsOnlyKeys(8);
    assertThat(ledger.changed).containsExactly(stays);
    assertThat(ledger.closed).hasSize(2).doesNotContain(stays);
    balancer.ended(failing, Outcome.SUCCESS, 0);
    balancer.check(31_000_000_000L);
    assertThat(picks(balancer)).containsKeys(stays, 8);
  }

  @Test
  void a_host_that_is_named_twice_is_one_host() {
    Balancer<Integer> balancer = balancer(LoadBalancing.RANDOM, 0, 42);
    balancer.update(
        assignment(
            locality(0, 0, endpoint(1, Health.HEALTHY, 1)),
            locality(1, 0, endpoint(1, Health.HEALTHY, 1))));

    assertThat(ledger.opened).containsExactly(1);
    balancer.close();
    assertThat(ledger.closed).containsExactly(1);
  }

  /** Each number tells a step: fail, recover, change health, swap the assignment. */
  @Property(seed = "42", tries = 300, edgeCases = EdgeCasesMode.NONE)
  void outside_of_panic_nobody_unwell_is_picked(
      @ForAll LoadBalancing policy,
      @ForAll @IntRange(min = 1, max = 3) int priorities,
      @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 0, max = 9999) Integer> steps,
      @ForAll long seed) {
    Balancer<Integer> balancer = balancer(policy, 0, seed);
    long now = 0;
    LoadAssignment current = random(new SplittableRandom(seed), priorities);
    balancer.update(current);
    for (int step : steps) {
      now += step * 10_000_000L;
      Host<Integer> host = balancer.pick();
      boolean anyHealthy = balancer.hosts().stream().anyMatch(Host::isHealthy);
      if (host == null) {
        assertThat(anyHealthy).as("nobody is picked though somebody is well").isFalse();
      } else {
        assertThat(host.isHealthy()).as("%s is well", host).isTrue();
        balancer.started(host);
        balancer.ended(host, step % 3 == 0 ? Outcome.LOCAL_ORIGIN : Outcome.SUCCESS, now);
      }
      balancer.check(now);
      if (step % 7 == 0) {
        balancer.update(random(new SplittableRandom(seed + step), priorities));
      }
    }
    assertThat(balancer.hosts()).allMatch(host -> host.active() == 0);
  }

  private static LoadAssignment random(SplittableRandom dice, int priorities) {
    List<LocalityEndpoints> localities = new ArrayList<>();
    int port = 1;
    for (int priority = 0; priority < priorities; priority++) {
      for (int locality = dice.nextInt(3); locality >= 0; locality--) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (int i = dice.nextInt(4); i > 0; i--) {
          Health health = Health.values()[dice.nextInt(5) < 3 ? 0 : dice.nextInt(3)];
          endpoints.add(endpoint(port++, health, 1 + dice.nextInt(3)));
        }
        localities.add(new LocalityEndpoints(Locality.NONE, priority, dice.nextInt(3), endpoints));
      }
    }
    return new LoadAssignment("c", localities);
  }

  @Property(seed = "42", tries = 100, edgeCases = EdgeCasesMode.NONE)
  void a_slower_host_is_picked_less(
      @ForAll @IntRange(min = 2, max = 8) int hosts,
      @ForAll @IntRange(min = 2, max = 50) int slower,
      @ForAll long seed) {
    Balancer<Integer> balancer = balancer(LoadBalancing.PEAK_EWMA, 0, seed);
    balancer.update(hosts(IntStream.range(0, hosts).map(i -> 1).toArray()));
    assertThat(balancer.measures()).isTrue();
    long now = 0;
    // Everybody has answered once; host 1 takes longer.
    for (Host<Integer> host : balancer.hosts()) {
      balancer.answered(host, host.attachment() == 1 ? slower * 1_000_000L : 1_000_000L, now);
    }
    int[] picks = new int[hosts + 1];
    for (int i = 0; i < 2_000; i++) {
      now += 100_000;
      Host<Integer> host = picked(balancer);
      picks[host.attachment()]++;
      balancer.started(host);
      balancer.answered(host, host.attachment() == 1 ? slower * 1_000_000L : 1_000_000L, now);
      balancer.ended(host, Outcome.SUCCESS, now);
    }
    // Never, where it is compared with another that is not busy.
    assertThat(picks[1]).isZero();
  }

  @Test
  void a_slow_host_takes_what_the_fast_one_is_too_busy_for_and_is_asked_again_in_time() {
    Balancer<Integer> balancer = balancer(LoadBalancing.PEAK_EWMA, 0, 42);
    balancer.update(hosts(1, 1));
    List<Host<Integer>> both = List.copyOf(balancer.hosts());
    balancer.answered(both.get(0), 5_000_000, 0);
    balancer.answered(both.get(1), 1_000_000, 0);
    for (int i = 0; i < 5; i++) {
      assertThat(picked(balancer)).isSameAs(both.get(1));
      balancer.started(both.get(1));
    }
    // 5 ms once is less than 1 ms six times.
    assertThat(picked(balancer)).isSameAs(both.get(0));
    for (int i = 0; i < 5; i++) {
      balancer.ended(both.get(1), Outcome.SUCCESS, 0);
    }
    long now = 0;
    while (picked(balancer) == both.get(1)) {
      now += 1_000_000_000;
      balancer.answered(both.get(1), 1_000_000, now);
      balancer.check(now);
      assertThat(now).as("seconds until it is asked again").isLessThan(60_000_000_000L);
    }
    assertThat(now).isGreaterThan(10_000_000_000L);
  }

  @ParameterizedTest
  @EnumSource(
      value = LoadBalancing.class,
      names = {"LEAST_REQUEST", "PEAK_EWMA"})
  void a_host_that_asks_to_be_left_alone_is_for_a_bounded_time(LoadBalancing policy) {
    Balancer<Integer> balancer = balancer(policy, 0, 42);
    balancer.update(hosts(1, 1));
    List<Host<Integer>> both = List.copyOf(balancer.hosts());
    balancer.rest(both.get(0), 3_600_000_000_000L, 0);
    assertThat(picks(balancer).keySet()).containsExactly(2);

    // Where both want to be left alone, somebody must answer.
    balancer.rest(both.get(1), 1_000_000_000L, 0);
    assertThat(picks(balancer).keySet()).containsExactlyInAnyOrder(1, 2);
    balancer.check(1_000_000_001L);
    assertThat(picks(balancer).keySet()).containsExactly(2);

    balancer.check(29_000_000_000L);
    assertThat(picks(balancer).keySet()).containsExactly(2);
    balancer.check(30_000_000_000L);
    assertThat(picks(balancer).keySet()).containsExactlyInAnyOrder(1, 2);
  }
}
