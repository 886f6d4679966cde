package dev.meshctl.dataplane.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class HashBalancingTest {
  private static final int KEYS = 20_000;
  private static final int TABLE = 65_537;

  private static String[] names(int count) {
    return IntStream.range(0, count).mapToObj(i -> "10.0.0." + i + ":80").toArray(String[]::new);
  }

  private static String[] without(String[] names, int leaver) {
    return IntStream.range(0, names.length)
        .filter(i -> i != leaver)
        .mapToObj(i -> names[i])
        .toArray(String[]::new);
  }

  private static long[] even(int count) {
    long[] weights = new long[count];
    Arrays.fill(weights, 1000);
    return weights;
  }

  @Property(tries = 40)
  void a_ring_moves_only_keys_of_the_host_that_left(
      @ForAll @IntRange(min = 9, max = 15) int hosts, @ForAll long seed) {
    String[] before = names(hosts);
    int leaver = (int) Math.floorMod(seed, (long) hosts);
    String[] after = without(before, leaver);
    HashRing large = new HashRing(before, even(hosts), 1024, 8192);
    HashRing small = new HashRing(after, even(hosts - 1), 1024, 8192);
    SplittableRandom keys = new SplittableRandom(seed);

    for (int i = 0; i < 2000; i++) {
      long key = keys.nextLong();
      int old = large.owner(key);
      if (old != leaver) {
        assertThat(after[small.owner(key)]).isEqualTo(before[old]);
      }
    }
  }

  @Property(tries = 40)
  void a_ring_moves_at_most_twice_its_share_even_where_it_is_sized_anew(
      @ForAll @IntRange(min = 4, max = 40) int hosts, @ForAll long seed) {
    String[] before = names(hosts);
    int leaver = (int) Math.floorMod(seed, (long) hosts);
    String[] after = without(before, leaver);
    HashRing large = new HashRing(before, even(hosts), 4096, 65_536);
    HashRing small = new HashRing(after, even(hosts - 1), 4096, 65_536);
    boolean resized = small.size() > large.size();
    SplittableRandom keys = new SplittableRandom(seed);

    int moved = 0;
    for (int i = 0; i < KEYS; i++) {
      long key = keys.nextLong();
      moved += after[small.owner(key)].equals(before[large.owner(key)]) ? 0 : 1;
    }

    // A ring that doubles gives half of its keys to new places.
    double share = resized ? 0.5 + 1.0 / hosts : 1.0 / hosts;
    assertThat(moved).isLessThan((int) (KEYS * Math.min(1, 2 * share)) + 1);
  }

  @Property(tries = 60)
  void a_ring_has_its_least_size_and_not_more_than_its_most(
      @ForAll @Size(min = 1, max = 20)
          java.util.List<@IntRange(min = 1, max = 100) Integer> given) {
    long[] weights = given.stream().mapToLong(w -> w * 1000L).toArray();
    HashRing ring = new HashRing(names(weights.length), weights, 512, 4096);
    assertThat(ring.size()).isBetween(500, 4096 + weights.length);
  }

  @Property(tries = 25)
  void maglev_gives_each_host_its_share_of_the_table(
      @ForAll @Size(min = 2, max = 12) java.util.List<@IntRange(min = 1, max = 10) Integer> given) {
    long[] weights = given.stream().mapToLong(w -> w * 1000L).toArray();
    MaglevTable table = new MaglevTable(names(weights.length), weights, TABLE);
    int[] entries = new int[weights.length];
    for (int i = 0; i < TABLE; i++) {
      entries[table.owner(i)]++;
    }

    double total = Arrays.stream(weights).sum();
    for (int i = 0; i < weights.length; i++) {
      assertThat((double) entries[i])
          .isBetween(TABLE * weights[i] / total - 12, TABLE * weights[i] / total + 12);
    }
  }

  @Property(tries = 25)
  void maglev_moves_little_more_than_the_share_of_the_host_that_left(
      @ForAll @IntRange(min = 4, max = 40) int hosts, @ForAll @IntRange(max = 3) int leaver) {
    String[] before = names(hosts);
    String[] after = without(before, leaver);
    MaglevTable large = new MaglevTable(before, even(hosts), TABLE);
    MaglevTable small = new MaglevTable(after, even(hosts - 1), TABLE);

    int moved = 0;
    for (int i = 0; i < TABLE; i++) {
      moved += after[small.owner(i)].equals(before[large.owner(i)]) ? 0 : 1;
    }

    assertThat(moved).isLessThan((int) (TABLE * 1.6 / hosts));
  }

  @Test
  void a_ring_shares_keys_in_proportion_to_the_weights() {
    HashRing ring = new HashRing(names(3), new long[] {1000, 2000, 5000}, 65_536, 1 << 20);
    int[] keys = new int[3];
    SplittableRandom dice = new SplittableRandom(7);
    for (int i = 0; i < KEYS; i++) {
      keys[ring.owner(dice.nextLong())]++;
    }
    assertThat(keys[0]).isBetween(KEYS / 8 - 400, KEYS / 8 + 400);
    assertThat(keys[2]).isBetween(KEYS * 5 / 8 - 600, KEYS * 5 / 8 + 600);
  }
}
