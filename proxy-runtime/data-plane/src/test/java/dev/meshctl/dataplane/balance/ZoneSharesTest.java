package dev.meshctl.dataplane.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class ZoneSharesTest {
  @Test
  void all_stays_where_the_own_zone_has_hosts_enough() {
    assertThat(ZoneShares.of(0, new int[] {5, 5}, new int[] {5, 5})).containsExactly(1, 0);
    assertThat(ZoneShares.of(0, new int[] {6, 4}, new int[] {5, 5})).containsExactly(1, 0);
  }

  @Test
  void what_the_own_zone_cannot_take_goes_where_hosts_are_to_spare() {
    double[] shares = ZoneShares.of(0, new int[] {2, 5, 3}, new int[] {4, 4, 2});

    assertThat(shares[0]).isCloseTo(0.5, within(1e-9));
    assertThat(shares[1]).isCloseTo(0.25, within(1e-9));
    assertThat(shares[2]).isCloseTo(0.25, within(1e-9));
  }

  /** Each zone: upstream hosts and proxies. */
  @Property(seed = "42", tries = 500, edgeCases = EdgeCasesMode.NONE)
  void over_all_proxies_each_upstream_host_gets_its_even_part(
      @ForAll("zones") List<List<Integer>> zones) {
    int[] upstream = zones.stream().mapToInt(List::getFirst).toArray();
    int[] proxies = zones.stream().mapToInt(List::getLast).toArray();
    double all = Arrays.stream(proxies).sum();
    double hosts = Arrays.stream(upstream).sum();
    double[] load = new double[zones.size()];
    for (int own = 0; own < zones.size(); own++) {
      double[] shares = ZoneShares.of(own, upstream, proxies);
      assertThat(Arrays.stream(shares).sum()).isCloseTo(1, within(1e-9));
      for (int i = 0; i < load.length; i++) {
        load[i] += shares[i] * proxies[own] / all;
      }
    }
    for (int i = 0; i < load.length; i++) {
      assertThat(load[i])
          .as("zone %d of %s", i, zones)
          .isCloseTo(upstream[i] / hosts, within(1e-9));
    }
  }

  @Provide
  Arbitrary<List<List<Integer>>> zones() {
    return Arbitraries.integers().between(1, 20).list().ofSize(2).list().ofMinSize(2).ofMaxSize(5);
  }
}
