package dev.meshctl.dataplane.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.resilience.OutlierDetector.Outcome;
import dev.meshctl.dataplane.resilience.OutlierDetector.Track;
import dev.meshctl.model.xds.ClusterConfig.OutlierDetection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class OutlierDetectorTest {
  private static final long SECOND = 1_000_000_000L;
  private static final OutlierDetection FIVE_IN_A_ROW = detection(5, 3, 50);

  private final OutlierDetector detector = new OutlierDetector(Optional.of(FIVE_IN_A_ROW), 0);
  private final List<Track> hosts = open(detector, 4);

  private static OutlierDetection detection(int consecutive5xx, int gateway, int percent) {
    return new OutlierDetection(
        consecutive5xx, gateway, Duration.ofSeconds(10), Duration.ofSeconds(30), percent);
  }

  private static List<Track> open(OutlierDetector detector, int count) {
    return IntStream.range(0, count).mapToObj(i -> detector.open()).toList();
  }

  private boolean fail(Track host, Outcome outcome, int times, long now) {
    boolean ejected = false;
    for (int i = 0; i < times; i++) {
      ejected = detector.report(host, outcome, now);
    }
    return ejected;
  }

  @Test
  void a_host_is_ejected_at_the_last_failure_of_a_row_and_not_before() {
    Track host = hosts.getFirst();

    assertThat(fail(host, Outcome.SERVER_ERROR, 4, 0)).isFalse();
    assertThat(detector.report(host, Outcome.SUCCESS, 0)).isFalse();
    assertThat(fail(host, Outcome.SERVER_ERROR, 4, 0)).isFalse();
    assertThat(host.isEjected()).isFalse();
    assertThat(detector.report(host, Outcome.SERVER_ERROR, 0)).isTrue();
    assertThat(host.isEjected()).isTrue();
  }

  @Test
  void gateway_errors_and_lost_connections_have_a_row_of_their_own() {
    Track host = hosts.getFirst();

    assertThat(fail(host, Outcome.GATEWAY_ERROR, 2, 0)).isFalse();
    assertThat(detector.report(host, Outcome.SERVER_ERROR, 0)).isFalse();
    assertThat(fail(hosts.get(1), Outcome.LOCAL_ORIGIN, 3, 0)).isTrue();
  }

  @Test
  void an_ejection_is_served_and_each_further_one_is_longer() {
    Track host = hosts.getFirst();
    long now = 0;
    for (int times = 1; times <= 3; times++) {
      assertThat(fail(host, Outcome.SERVER_ERROR, 5, now)).isTrue();
      long term = times * 30 * SECOND;
      assertThat(detector.check(now + term - 1)).isFalse();
      assertThat(host.isEjected()).isTrue();
      now += term + 10 * SECOND;
      assertThat(detector.check(now)).isTrue();
      assertThat(host.isEjected()).isFalse();
    }
  }

  @Test
  void a_host_that_stays_well_is_forgiven() {
    Track host = hosts.getFirst();
    fail(host, Outcome.SERVER_ERROR, 5, 0);
    detector.check(30 * SECOND);
    assertThat(host.ejections()).isEqualTo(1);

    detector.check(40 * SECOND);

    assertThat(host.ejections()).isZero();
  }

  @Test
  void no_ejection_is_longer_than_five_minutes() {
    Track host = hosts.getFirst();
    long now = 0;
    for (int i = 0; i < 20; i++) {
      assertThat(fail(host, Outcome.SERVER_ERROR, 5, now)).isTrue();
      now += 310 * SECOND;
      detector.check(now);
      assertThat(host.isEjected()).isFalse();
    }
  }

  @Test
  void a_host_that_is_gone_makes_room_and_its_late_failures_count_for_nothing() {
    fail(hosts.get(0), Outcome.SERVER_ERROR, 5, 0);
    fail(hosts.get(1), Outcome.SERVER_ERROR, 5, 0);
    assertThat(fail(hosts.get(2), Outcome.SERVER_ERROR, 5, 0)).isFalse();

    detector.close(hosts.get(0));
    detector.open();

    assertThat(detector.ejected()).isEqualTo(1);
    assertThat(fail(hosts.get(0), Outcome.SERVER_ERROR, 5, 0)).isFalse();
    assertThat(fail(hosts.get(2), Outcome.SERVER_ERROR, 5, 0)).isTrue();
  }

  @Test
  void without_settings_nobody_is_ejected_and_the_ejected_come_back() {
    Track host = hosts.getFirst();
    fail(host, Outcome.SERVER_ERROR, 5, 0);

    detector.update(Optional.empty());

    assertThat(fail(hosts.get(1), Outcome.SERVER_ERROR, 50, 0)).isFalse();
    assertThat(detector.check(10 * SECOND)).isTrue();
    assertThat(host.isEjected()).isFalse();
  }

  @Property(seed = "42", tries = 300)
  void never_more_than_the_percentage_is_out(
      @ForAll @IntRange(min = 1, max = 20) int count,
      @ForAll @IntRange(min = 0, max = 100) int percent,
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 999) Integer> failures) {
    OutlierDetector limited = new OutlierDetector(Optional.of(detection(1, 1, percent)), 0);
    List<Track> all = new ArrayList<>(open(limited, count));
    long now = 0;
    for (int failure : failures) {
      now += failure * SECOND / 10;
      limited.report(all.get(failure % count), Outcome.LOCAL_ORIGIN, now);
      limited.check(now);
      long out = all.stream().filter(Track::isEjected).count();
      assertThat(out).isEqualTo(limited.ejected());
      assertThat(out * 100).isLessThanOrEqualTo((long) percent * count);
    }
  }
}
