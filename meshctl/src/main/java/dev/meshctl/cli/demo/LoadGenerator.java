package dev.meshctl.cli.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends requests at a rate, as long as few enough are unanswered: two at first, one more with every
 * ten answers, up to {@link #MOST_IN_FLIGHT}. So processes that have just begun get warm, and a
 * machine that is too slow for the rate lowers it, instead of piling requests up until they time
 * out. A request has failed when its answer is not 200 or does not come.
 *
 * <p>Thread: one paces, a virtual thread sends each request.
 */
final class LoadGenerator implements AutoCloseable {
  private static final int FIRST_IN_FLIGHT = 2;
  private static final int MOST_IN_FLIGHT = 16;
  private static final int ANSWERS_FOR_ONE_MORE = 10;
  private static final Duration LIMIT = Duration.ofSeconds(15);

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .proxy(HttpClient.Builder.NO_PROXY)
          .build();
  private final List<URI> targets;
  private final long intervalNanos;
  private final LongAdder sent = new LongAdder();
  private final LongAdder answered = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final Map<String, Integer> failures = new TreeMap<>();
  private final ConcurrentSkipListSet<Long> unanswered = new ConcurrentSkipListSet<>();
  private final AtomicLong finished = new AtomicLong();
  private final Semaphore inFlight = new Semaphore(FIRST_IN_FLIGHT);
  private volatile boolean stopping;
  private final Thread pacer = Thread.ofPlatform().name("load").daemon().unstarted(this::pace);

  /**
   * @param targets asked in turn
   * @param requestsPerSecond at least 1
   */
  LoadGenerator(List<URI> targets, int requestsPerSecond) {
    this.targets = List.copyOf(targets);
    this.intervalNanos = 1_000_000_000L / requestsPerSecond;
  }

  void start() {
    pacer.start();
  }

  /** Sends no more, and waits for what is on its way. */
  void stop() throws InterruptedException {
    stopping = true;
    pacer.join();
    awaitAnswersToAllSentUntilNow();
  }

  /** Requests overtake each other: the oldest one on its way tells. */
  void awaitAnswersToAllSentUntilNow() throws InterruptedException {
    long until = sent.sum();
    while (!unanswered.headSet(until).isEmpty()) {
      Thread.sleep(10);
    }
  }

  long sent() {
    return sent.sum();
  }

  long answered() {
    return answered.sum();
  }

  long failed() {
    return failed.sum();
  }

  /** What went wrong, with how often. */
  Map<String, Integer> failures() {
    synchronized (failures) {
      return Map.copyOf(failures);
    }
  }

  /** One request now. Returns the empty string when answered with 200, else what went wrong. */
  static String ask(HttpClient http, URI target) throws InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(target).timeout(LIMIT).build();
    try {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() == 200
          ? ""
          : "status "
              + answer.statusCode()
              + " of "
              + target.getPath()
              + ": "
              + start(answer.body());
    } catch (IOException broken) {
      return broken.getClass().getSimpleName() + ": " + broken.getMessage();
    }
  }

  HttpClient http() {
    return http;
  }

  private static String start(String body) {
    String line = body.lines().findFirst().orElse("");
    return line.length() > 120 ? line.substring(0, 120) : line;
  }

  private void pace() {
    long next = System.nanoTime();
    for (long i = 0; !stopping; i++) {
      URI target = targets.get((int) (i % targets.size()));
      inFlight.acquireUninterruptibly();
      if (stopping) {
        return;
      }
      long number = i;
      unanswered.add(number);
      sent.increment();
      Thread.ofVirtual().start(() -> send(number, target));
      next += intervalNanos;
      long now = System.nanoTime();
      if (next < now) {
        // Late: go on from here, a burst would not be the rate that was asked for.
        next = now;
      }
      while (!stopping && System.nanoTime() < next) {
        LockSupport.parkNanos(next - System.nanoTime());
      }
    }
  }

  private void send(long number, URI target) {
    try {
      String problem = ask(http, target);
      if (problem.isEmpty()) {
        answered.increment();
      } else {
        failed.increment();
        synchronized (failures) {
          failures.merge(problem, 1, Integer::sum);
        }
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    } finally {
      unanswered.remove(number);
      inFlight.release(mayBeMore() ? 2 : 1);
    }
  }

  private boolean mayBeMore() {
    long answers = finished.incrementAndGet();
    return answers % ANSWERS_FOR_ONE_MORE == 0
        && answers / ANSWERS_FOR_ONE_MORE <= MOST_IN_FLIGHT - FIRST_IN_FLIGHT;
  }

  @Override
  public void close() {
    stopping = true;
    http.shutdownNow();
  }
}
