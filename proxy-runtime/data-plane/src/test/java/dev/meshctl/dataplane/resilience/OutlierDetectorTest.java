package dev.meshctl.dataplane.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.resilience.OutlierDetector.Outcome;
import dev.meshctl.dataplane.resilience.OutlierDetector.Track;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.FailurePercentage;
import dev.meshctl.model.xds.ClusterConfig.LocalOrigin;
import dev.meshctl.model.xds.ClusterConfig.OutlierDetection;
import dev.meshctl.model.xds.ClusterConfig.SuccessRate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class OutlierDetectorTest {
  private static final long SECOND = 1_000_000_000L;
  private static final OutlierDetection FIVE_IN_A_ROW = detection(5, 3, 50);

  private final OutlierDetector detector = detector(FIVE_IN_A_ROW);
  private final List<Track> hosts = open(detector, 4);

  private static OutlierDetection detection(int consecutive5xx, int gateway, int percent) {
    return new OutlierDetection(
        consecutive5xx, gateway, Duration.ofSeconds(10), Duration.ofSeconds(30), percent);
  }

  private static OutlierDetector detector(OutlierDetection settings) {
    return new OutlierDetector(Optional.of(settings), new SplittableRandom(42), 0);
  }

  private static OutlierDetection with(
      LocalOrigin local, SuccessRate success, FailurePercentage failures, Duration most) {
    return new OutlierDetection(
        0, 0, Duration.ofSeconds(10), Duration.ofSeconds(30), 100, most, local, success, failures);
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
  void failures_to_connect_count_for_themselves_where_they_are_split() {
    OutlierDetector split =
        detector(
            with(
                new LocalOrigin(true, 2),
                SuccessRate.OFF,
                FailurePercentage.OFF,
                Duration.ofSeconds(300)));
    Track host = split.open();
    assertThat(split.report(host, Outcome.LOCAL_ORIGIN, 0)).isFalse();
    assertThat(split.report(host, Outcome.SERVER_ERROR, 0)).isFalse();
    assertThat(split.report(host, Outcome.LOCAL_ORIGIN, 0)).isFalse();
    assertThat(split.report(host, Outcome.LOCAL_ORIGIN, 0)).isTrue();
  }

  @Test
  void who_lies_far_below_the_mean_success_rate_is_ejected_at_the_check() {
    OutlierDetector rates =
        detector(
            with(
                LocalOrigin.DEFAULT,
                new SuccessRate(100, 5, 20, 1900),
                FailurePercentage.OFF,
                Duration.ofSeconds(300)));
    List<Track> all = open(rates, 10);
    for (Track host : all) {
      for (int i = 0; i < 20; i++) {
        boolean fails = host == all.getFirst() ? i % 2 == 0 : i == 0;
        rates.report(host, fails ? Outcome.SERVER_ERROR : Outcome.SUCCESS, 0);
      }
    }
    assertThat(rates.check(10 * SECOND)).isTrue();
    assertThat(all.getFirst().isEjected()).isTrue();
    assertThat(rates.ejected()).isEqualTo(1);
  }

  @Test
  void who_fails_too_large_a_part_is_ejected_but_not_where_few_hosts_have_requests_enough() {
    OutlierDetection half =
        with(
            LocalOrigin.DEFAULT,
            SuccessRate.OFF,
            new FailurePercentage(100, 50, 3, 10),
            Duration.ofSeconds(300));
    for (int enough : new int[] {2, 3}) {
      OutlierDetector rates = detector(half);
      List<Track> all = open(rates, 4);
      for (int host = 0; host < enough; host++) {
        for (int i = 0; i < 10; i++) {
          rates.report(
              all.get(host), host == 0 && i < 5 ? Outcome.SERVER_ERROR : Outcome.SUCCESS, 0);
        }
      }
      assertThat(rates.check(10 * SECOND)).isEqualTo(enough == 3);
      assertThat(all.getFirst().isEjected()).isEqualTo(enough == 3);
    }
  }

  @Test
  void ejections_grow_to_their_longest_and_no_longer() {
    OutlierDetector limited =
        detector(
            new OutlierDetection(
                1,
                0,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                100,
                Duration.ofSeconds(60),
                LocalOrigin.DEFAULT,
                SuccessRate.OFF,
                FailurePercentage.OFF));
    Track host = limited.open();
    long now = 0;
    for (int seconds : new int[] {30, 60, 60, 60}) {
      assertThat(limited.report(host, Outcome.SERVER_ERROR, now)).isTrue();
      limited.check(now + (seconds - 1) * SECOND);
      assertThat(host.isEjected()).isTrue();
      now += (seconds + 10) * SECOND;
      limited.check(now);
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
    OutlierDetector limited = detector(detection(1, 1, percent));
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

  @Test
  void a_detector_that_is_enforced_in_part_ejects_in_part() {
    int ejected = 0;
    for (int seed = 0; seed < 1000; seed++) {
      OutlierDetector detector =
          new OutlierDetector(
              Optional.of(
                  new OutlierDetection(3, 0, Duration.ofSeconds(1), Duration.ofSeconds(30), 100)
                      .enforced(new ClusterConfig.Enforcing(30, 100, 100))),
              new SplittableRandom(seed),
              0);
      OutlierDetector.Track track = detector.open();
      for (int i = 0; i < 3; i++) {
        detector.report(track, OutlierDetector.Outcome.SERVER_ERROR, i);
      }
      ejected += track.isEjected() ? 1 : 0;
    }
    // Five standard deviations.
    assertThat(ejected).isBetween(227, 373);
  }
}
