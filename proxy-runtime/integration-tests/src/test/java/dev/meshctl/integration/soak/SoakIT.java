package dev.meshctl.integration.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.integration.judges.ProxyProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Half of what the proxy can do here, while upstreams die, close and return, routes and endpoints
 * change twice a second and clients reset their connections. {@code -Dsoak.seconds}, {@code
 * -Dsoak.seed}, {@code -Dsoak.load} (share of the capacity, which is measured first) and {@code
 * -Dsoak.json} (a file) choose; {@code long/soak} is the long form.
 */
// As long as its properties ask for.
@Timeout(value = 1, unit = TimeUnit.DAYS)
class SoakIT {
  private static final int UPSTREAMS = 3;
  private static final int SETTLING_SECONDS = 4;
  private static final Duration MEASURED = Duration.ofSeconds(4);

  /** Slack of descriptors: pools and clients that are about to be let go. */
  private static final int DESCRIPTOR_SLACK = 64;

  private static final long HEAP_SLACK_KIB = 8 << 10;

  @TempDir Path folder = Path.of("");

  @Test
  void nothing_leaks_and_no_request_fails_that_a_retry_should_have_saved() throws Exception {
    long seconds = Long.getLong("soak.seconds", 25);
    long seed = Long.getLong("soak.seed", 20261124L);
    double load = Double.parseDouble(System.getProperty("soak.load", "0.5"));
    SoakJournal journal = new SoakJournal();
    List<SoakUpstream> upstreams = new ArrayList<>();
    for (int i = 0; i < UPSTREAMS; i++) {
      upstreams.add(new SoakUpstream(ProxyProcess.freePort(), new Random(seed - 1 - i), journal));
    }
    SoakConfig config = new SoakConfig(folder, upstreams.stream().map(SoakUpstream::port).toList());
    config.pushRoutes(0);
    config.pushEndpointsWithout(UPSTREAMS);
    SoakReport report;
    try (ProxyProcess proxy = ProxyProcess.ours(folder, "soak", config.bootstrap());
        SoakClients clients = new SoakClients(proxy.port(), journal)) {
      report = soak(proxy, clients, config, upstreams, seconds, seed, load);
    } finally {
      upstreams.forEach(SoakUpstream::close);
    }
    System.out.println("soak: " + report.json());
    String json = System.getProperty("soak.json");
    if (json != null) {
      Files.writeString(Path.of(json), report.json() + "\n");
    }

    assertThat(report.failures()).isEmpty();
    assertThat(report.requests()).isGreaterThan(seconds * 100);
    // Every fault took place, all the time.
    assertThat(report.pushes()).isGreaterThanOrEqualTo(2 * seconds - 2);
    assertThat(report.deaths()).isGreaterThan(seconds / 4);
    assertThat(report.resets()).isGreaterThan(seconds / 2);
    assertThat(report.closings()).isGreaterThan(seconds / 4);
    assertThat(report.after().descriptors())
        .isLessThan(report.before().descriptors() + DESCRIPTOR_SLACK);
    assertThat(report.after().heapKib()).isLessThan(report.before().heapKib() + HEAP_SLACK_KIB);
    if (seconds >= 300) {
      // What a young heap still touches for the first time fades with the minutes.
      assertThat(report.rssSlopeKibPerMinute()).isLessThan(seconds >= 1800 ? 256 : 1024);
    }
  }

  private static SoakReport soak(
      ProxyProcess proxy,
      SoakClients clients,
      SoakConfig config,
      List<SoakUpstream> upstreams,
      long seconds,
      long seed,
      double load)
      throws Exception {
    TimeUnit.SECONDS.sleep(SETTLING_SECONDS);
    double capacity = clients.capacity(MEASURED);
    double wanted = capacity * load;
    clients.pace(wanted);
    TimeUnit.SECONDS.sleep(1);
    ProcessFigures before = ProcessFigures.settled(proxy.pid());
    long sentBefore = clients.sent();
    List<Long> rss = new ArrayList<>();
    List<SoakReport.Sample> samples = new ArrayList<>();
    SoakFaults faults = new SoakFaults(config, upstreams, proxy.port(), seed);
    for (long i = 1; i <= seconds; i++) {
      TimeUnit.SECONDS.sleep(1);
      rss.add(ProcessFigures.rss(proxy.pid()));
      if (i % 60 == 0) {
        SoakReport.Sample sample =
            new SoakReport.Sample(
                i,
                clients.sent() - sentBefore,
                clients.failed().size(),
                ProcessFigures.asItIs(proxy.pid()));
        samples.add(sample);
        System.out.println("soak: " + sample.json());
      }
    }
    faults.end();
    TimeUnit.SECONDS.sleep(2);
    assertThat(upstreams.stream().mapToLong(SoakUpstream::newestVersion).max().orElse(0))
        .as("the version of the routes that are in force")
        .isEqualTo(faults.version());
    ProcessFigures after = ProcessFigures.settled(proxy.pid());
    return new SoakReport(
        seconds,
        seed,
        capacity,
        wanted,
        clients.sent() - sentBefore,
        faults.deaths(),
        faults.version(),
        faults.resets(),
        upstreams.stream().mapToLong(SoakUpstream::closings).sum(),
        List.copyOf(clients.failed()),
        before,
        after,
        rss,
        samples);
  }
}
