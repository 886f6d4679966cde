package dev.meshctl.dataplane.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.observe.EdgeLabels.Reporter;
import dev.meshctl.dataplane.observe.LoopCounters.Counter;
import dev.meshctl.model.telemetry.EdgeKey;
import dev.meshctl.model.telemetry.EdgeKey.Protocol;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.telemetry.EdgeSample.ResponseCount;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TelemetryTest {
  private static final WorkloadRef PRODUCTPAGE =
      new WorkloadRef("productpage-v1", "default", "productpage", "v1");
  private static final WorkloadRef REVIEWS = new WorkloadRef("reviews-v3", "shop", "reviews", "v3");

  private final List<Loop> loops = List.of(new Loop(), new Loop());
  private final Telemetry telemetry =
      new Telemetry(
          loops.stream().map(l -> new Telemetry.Source(l.thread, l.meter)).toList(),
          Duration.ofSeconds(10));

  /** A loop is a thread with a meter of its own. */
  private static final class Loop {
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private volatile Thread running = Thread.currentThread();
    private final EdgeMeter meter = new EdgeMeter(() -> Thread.currentThread() == running);

    private Loop() {
      run(() -> running = Thread.currentThread());
    }

    private void run(Runnable task) {
      try {
        Future<?> done = thread.submit(task);
        done.get();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @AfterEach
  void stop() {
    loops.forEach(loop -> loop.thread.shutdownNow());
  }

  private static EdgeLabels labels(Reporter reporter, Protocol protocol, String route) {
    return new EdgeLabels(
        new EdgeKey(PRODUCTPAGE, "reviews.shop.svc.cluster.local", REVIEWS, protocol, true, route),
        reporter,
        "spiffe://cluster.local/ns/default/sa/productpage",
        "");
  }

  private static final EdgeLabels HTTP = labels(Reporter.SOURCE, Protocol.HTTP1, "r");

  @Test
  void the_counts_of_all_loops_become_one_sample_once() {
    loops
        .get(0)
        .run(() -> {
          Edge edge = loops.get(0).meter.edge(HTTP);
          edge.exchange(200, -1, 0, 1000, 10, 100);
          edge.exchange(503, -1, ResponseFlag.UF.bit() | ResponseFlag.URX.bit(), 5000, 1, 2);
        });
    loops.get(1).run(() -> loops.get(1).meter.edge(HTTP).exchange(200, -1, 0, 2000, 20, 200));

    List<EdgeSample> samples = telemetry.drain();

    assertThat(samples).hasSize(1);
    EdgeSample sample = samples.getFirst();
    assertThat(sample.key()).isEqualTo(HTTP.key());
    assertThat(sample.responses())
        .containsExactlyInAnyOrder(
            new ResponseCount(200, -1, "", 2), new ResponseCount(503, -1, "UF,URX", 1));
    assertThat(sample.requests()).isEqualTo(3);
    assertThat(sample.errors()).isEqualTo(1);
    assertThat(sample.requestBytes()).isEqualTo(31);
    assertThat(sample.responseBytes()).isEqualTo(302);
    assertThat(sample.latency().total()).isEqualTo(3);
    assertThat(sample.latency().sumMicros()).isEqualTo(8000);
    assertThat(telemetry.drain()).isEmpty();
  }

  @Test
  void a_scrape_takes_nothing_away_from_telemetry_nor_the_other_way_round() {
    loops.get(0).run(() -> loops.get(0).meter.edge(HTTP).exchange(200, -1, 0, 1, 1, 1));

    assertThat(telemetry.metrics(Exposition.PROMETHEUS)).contains("} 1\n");
    assertThat(telemetry.drain()).hasSize(1);
    assertThat(telemetry.metrics(Exposition.PROMETHEUS)).contains("istio_requests_total{");
  }

  @Test
  void the_called_side_is_for_prometheus_only() {
    EdgeLabels inbound = labels(Reporter.DESTINATION, Protocol.HTTP1, "");
    loops.get(0).run(() -> loops.get(0).meter.edge(inbound).exchange(200, -1, 0, 1, 1, 1));

    assertThat(telemetry.drain()).isEmpty();
    assertThat(telemetry.metrics(Exposition.PROMETHEUS)).contains("reporter=\"destination\"");
  }

  @Test
  void nothing_is_lost_while_a_loop_counts_and_others_drain() {
    int each = 20_000;
    for (Loop loop : loops) {
      loop.thread.execute(() -> again(loop, each));
    }
    List<EdgeSample> samples = new ArrayList<>();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> {
          samples.addAll(telemetry.drain());
          return requests(samples) == 2L * each;
        });
    assertThat(requests(samples)).isEqualTo(2L * each);
    assertThat(telemetry.drain()).isEmpty();
  }

  /** One request a task, so that drains come between. */
  private static void again(Loop loop, int left) {
    loop.meter.edge(HTTP).exchange(200, -1, 0, left, 0, 0);
    if (left > 1) {
      loop.thread.execute(() -> again(loop, left - 1));
    }
  }

  private static long requests(List<EdgeSample> samples) {
    return samples.stream().mapToLong(EdgeSample::requests).sum();
  }

  @Test
  void a_loop_that_is_too_busy_is_heard_later() throws InterruptedException {
    Telemetry impatient =
        new Telemetry(
            List.of(new Telemetry.Source(loops.get(0).thread, loops.get(0).meter)),
            Duration.ofMillis(1));
    loops.get(0).run(() -> loops.get(0).meter.edge(HTTP).exchange(200, -1, 0, 1, 1, 1));
    CountDownLatch busy = new CountDownLatch(1);
    loops.get(0).thread.execute(() -> awaitQuietly(busy));

    assertThat(impatient.drain()).isEmpty();
    busy.countDown();

    Awaitility.await().until(() -> !impatient.drain().isEmpty());
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void tcp_connections_and_bytes_are_counted_by_their_own_metrics() {
    EdgeLabels tcp = labels(Reporter.SOURCE, Protocol.TCP, "");
    loops
        .get(0)
        .run(() -> {
          Edge edge = loops.get(0).meter.edge(tcp);
          edge.opened(300);
          edge.bytes(100, 50);
          edge.bytes(1, 2);
          edge.closed();
          edge.refused(ResponseFlag.UF.bit(), 10);
        });

    EdgeSample sample = telemetry.drain().getFirst();
    assertThat(sample.requests()).isEqualTo(2);
    assertThat(sample.errors()).isEqualTo(1);
    assertThat(sample.requestBytes()).isEqualTo(101);
    assertThat(sample.responseBytes()).isEqualTo(52);
    String text = telemetry.metrics(Exposition.PROMETHEUS);
    assertThat(text).doesNotContain("istio_requests_total{");
    assertThat(value(text, "istio_tcp_connections_opened_total")).isEqualTo(2);
    assertThat(value(text, "istio_tcp_connections_closed_total")).isEqualTo(2);
    assertThat(value(text, "istio_tcp_received_bytes_total")).isEqualTo(101);
    assertThat(value(text, "istio_tcp_sent_bytes_total")).isEqualTo(52);
  }

  @Test
  void metrics_carry_the_standard_labels() {
    loops
        .get(0)
        .run(() ->
            loops
                .get(0)
                .meter
                .edge(labels(Reporter.SOURCE, Protocol.GRPC, ""))
                .exchange(200, 14, 0, 7000, 65, 0));

    String text = telemetry.metrics(Exposition.PROMETHEUS);

    String line =
        text.lines().filter(l -> l.startsWith("istio_requests_total{")).findFirst().orElseThrow();
    assertThat(line)
        .contains(
            "reporter=\"source\"",
            "source_workload=\"productpage-v1\"",
            "source_workload_namespace=\"default\"",
            "source_principal=\"spiffe://cluster.local/ns/default/sa/productpage\"",
            "source_app=\"productpage\"",
            "source_version=\"v1\"",
            "destination_workload=\"reviews-v3\"",
            "destination_principal=\"unknown\"",
            "destination_service=\"reviews.shop.svc.cluster.local\"",
            "destination_service_name=\"reviews\"",
            "destination_service_namespace=\"shop\"",
            "destination_canonical_revision=\"v3\"",
            "request_protocol=\"grpc\"",
            "response_code=\"200\"",
            "grpc_response_status=\"14\"",
            "response_flags=\"-\"",
            "connection_security_policy=\"mutual_tls\"")
        .endsWith("} 1");
    assertThat(bucket(text, "istio_request_duration_milliseconds", "5")).isZero();
    assertThat(bucket(text, "istio_request_duration_milliseconds", "10")).isEqualTo(1);
    assertThat(bucket(text, "istio_request_duration_milliseconds", "+Inf")).isEqualTo(1);
    assertThat(bucket(text, "istio_request_bytes", "64")).isZero();
    assertThat(bucket(text, "istio_request_bytes", "256")).isEqualTo(1);
    assertThat(bucket(text, "istio_response_bytes", "64")).isEqualTo(1);
    assertThat(value(text, "istio_request_duration_milliseconds_sum")).isEqualTo(7);
    assertThat(value(text, "istio_request_bytes_sum")).isEqualTo(65);
  }

  @Test
  void open_metrics_names_families_without_total_and_ends_with_eof() {
    loops.get(0).run(() -> loops.get(0).meter.edge(HTTP).exchange(200, -1, 0, 1, 1, 1));

    String text =
        telemetry.metrics(Exposition.accepted("application/openmetrics-text;version=1.0.0"));

    assertThat(text)
        .contains(
            "# TYPE istio_requests counter\nistio_requests_total{", "le=\"0.5\"", "le=\"1.0\"")
        .endsWith("# EOF\n");
    assertThat(telemetry.metrics(Exposition.accepted("*/*")))
        .contains("# TYPE istio_requests_total counter\n", "le=\"1\"")
        .doesNotContain("# EOF");
  }

  private static double value(String text, String name) {
    return text.lines()
        .filter(line -> line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static double bucket(String text, String name, String le) {
    return text.lines()
        .filter(l -> l.startsWith(name + "_bucket{") && l.contains("le=\"" + le + "\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  void host_names_that_clients_invent_do_not_fill_the_memory() {
    Loop loop = loops.get(0);
    loop.run(() -> {
      for (int i = 0; i < EdgeMeter.MOST_EDGES + 10; i++) {
        EdgeKey key =
            new EdgeKey(PRODUCTPAGE, "h" + i, WorkloadRef.UNKNOWN, Protocol.HTTP1, false, "");
        loop.meter.edge(new EdgeLabels(key, Reporter.SOURCE, "", "")).exchange(200, -1, 0, 1, 0, 0);
      }
    });

    List<EdgeSample> samples = telemetry.drain();

    assertThat(requests(samples)).isEqualTo(EdgeMeter.MOST_EDGES + 10);
    assertThat(samples).hasSize(EdgeMeter.MOST_EDGES + 1);
    assertThat(samples).filteredOn(s -> s.key().destinationService().equals("other")).hasSize(1);
  }

  @Test
  void an_edge_that_was_silent_for_long_still_counts_for_whoever_kept_it() {
    EdgeMeter meter = new EdgeMeter(() -> true);
    Edge kept = meter.edge(HTTP);
    kept.exchange(200, -1, 0, 1, 1, 1);
    assertThat(meter.drain()).hasSize(1);
    for (int i = 0; i < EdgeMeter.MOST_IDLE_DRAINS; i++) {
      assertThat(meter.drain()).isEmpty();
    }
    Edge second = meter.edge(HTTP);
    assertThat(second).isNotSameAs(kept);

    kept.exchange(200, -1, 0, 1, 1, 1);
    kept.exchange(200, -1, 0, 1, 1, 1);
    second.exchange(200, -1, 0, 1, 1, 1);

    assertThat(meter.drain())
        .flatExtracting(EdgeDelta::cells)
        .extracting(EdgeDelta.Cell::count)
        .containsExactlyInAnyOrder(2L, 1L);
  }

  @Test
  void edges_that_went_silent_make_room_for_new_ones() {
    EdgeMeter meter = new EdgeMeter(() -> true);
    for (int i = 0; i < EdgeMeter.MOST_EDGES; i++) {
      meter.edge(key(i));
    }
    EdgeLabels late = key(EdgeMeter.MOST_EDGES);
    assertThat(meter.edge(late).labels()).isNotEqualTo(late);
    for (int i = 0; i < EdgeMeter.MOST_IDLE_DRAINS; i++) {
      meter.drain();
    }

    assertThat(meter.edge(late).labels()).isEqualTo(late);
  }

  @Test
  void an_edge_is_found_by_what_it_was_put_under_and_nothing_else() {
    EdgeCache cache = new EdgeCache();
    EdgeMeter meter = new EdgeMeter(() -> true);
    List<Object> things = LongStream.range(0, 200).<Object>mapToObj(i -> new Object()).toList();
    for (Object target : things) {
      for (int variant = 0; variant < 3; variant++) {
        cache.put(
            target,
            things.getFirst(),
            variant,
            meter.edge(key(things.indexOf(target) * 3 + variant)));
      }
    }

    for (Object target : things) {
      for (int variant = 0; variant < 3; variant++) {
        assertThat(cache.find(target, things.getFirst(), variant))
            .isSameAs(meter.edge(key(things.indexOf(target) * 3 + variant)));
      }
    }
    assertThat(cache.find(things.getFirst(), null, 0)).isNull();
    assertThat(cache.find(things.getFirst(), things.get(1), 0)).isNull();
    assertThat(cache.find(new Object(), things.getFirst(), 0)).isNull();
  }

  private static EdgeLabels key(int number) {
    return labels(Reporter.SOURCE, Protocol.HTTP1, "route" + number);
  }

  @Test
  void counters_are_read_while_they_are_written() {
    LoopCounters counters = new LoopCounters();
    loops
        .get(0)
        .thread
        .execute(() -> {
          for (int i = 0; i < 100_000; i++) {
            counters.count(Counter.ofStatus(200 + i % 400));
          }
        });

    Awaitility.await().until(() -> counters.value(Counter.DOWNSTREAM_RQ_5XX) == 25_000);
    assertThat(counters.value(Counter.DOWNSTREAM_RQ_2XX)).isEqualTo(25_000);
  }
}
