package dev.meshctl.samples;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * Who buys: asks {@code TARGETS} (URLs with commas between) in turn, {@code RATE} times a second,
 * until it is closed, and writes a line of JSON each second: {@code {sent, answered, failed, p50Ms,
 * p99Ms}}, counts since the start and times of that second; and one for each request that failed,
 * {@code {failure}}. Failed is what is not answered with 200 within ten seconds. Nothing is asked
 * twice. {@code /} says the counts, too.
 *
 * <p>No more than 16 requests are under way: who is slow to answer lowers the rate.
 */
final class Customers implements AutoCloseable {
  static final int PORT = 9080;

  private static final int MOST_UNDER_WAY = 16;
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final String RATE = "RATE";

  static {
    // Read once by the JDK's client, which else asks again where a connection breaks.
    System.setProperty("jdk.httpclient.redirects.retrylimit", "1");
    System.setProperty("jdk.httpclient.disableRetryConnect", "true");
  }

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(LIMIT)
          .executor(Thread::startVirtualThread)
          .build();
  private final List<URI> targets;
  private final long intervalNanos;
  private final PrintStream out;
  private final Semaphore free = new Semaphore(MOST_UNDER_WAY);
  private final Figures figures = new Figures();
  private final Thread pacer = Thread.ofPlatform().name("customers").unstarted(this::pace);
  private final Thread teller = Thread.ofPlatform().name("figures").daemon().unstarted(this::tell);
  private volatile boolean stopping;

  private Customers(List<URI> targets, int rate, PrintStream out) {
    this.targets = List.copyOf(targets);
    this.intervalNanos = 1_000_000_000L / rate;
    this.out = out;
  }

  static RunningService start(Settings settings, PrintStream out) throws IOException {
    Customers customers = new Customers(targets(settings), rate(settings), out);
    RunningService service =
        HttpService.start(
            settings, (path, trace) -> Answer.json(200, customers.figures.counts() + "}"));
    customers.pacer.start();
    customers.teller.start();
    return With.alsoClose(service, customers::close);
  }

  /** Asks each once, one after the other. Returns whether all were answered with 200. */
  static boolean visit(Settings settings, PrintStream out) {
    Customers customers = new Customers(targets(settings), 1, out);
    for (URI target : customers.targets) {
      customers.free.acquireUninterruptibly();
      customers.figures.sent();
      customers.send(target);
    }
    customers.close();
    return customers.figures.allAnswered();
  }

  private static List<URI> targets(Settings settings) {
    List<URI> targets =
        Arrays.stream(settings.environment().getOrDefault("TARGETS", "").split(","))
            .map(String::strip)
            .filter(target -> !target.isEmpty())
            .map(URI::create)
            .toList();
    if (targets.isEmpty()) {
      throw new IllegalArgumentException("TARGETS: none (expected: URLs with commas between)");
    }
    return targets;
  }

  private static int rate(Settings settings) {
    String written = settings.environment().getOrDefault(RATE, "20");
    if (!written.matches("[1-9]\\d{0,3}")) {
      throw new IllegalArgumentException(RATE + ": " + written + " (expected: 1 to 9999)");
    }
    return Integer.parseInt(written);
  }

  /** Sends no more, and waits for what is under way. */
  @Override
  public void close() {
    stopping = true;
    free.acquireUninterruptibly(MOST_UNDER_WAY);
    teller.interrupt();
    out.println(figures.line());
    http.shutdownNow();
  }

  private void pace() {
    long next = System.nanoTime();
    for (int i = 0; !stopping; i++) {
      URI target = targets.get(i % targets.size());
      free.acquireUninterruptibly();
      if (stopping) {
        free.release();
        return;
      }
      figures.sent();
      Thread.startVirtualThread(() -> send(target));
      // Late: go on from here, a burst would not be the rate that was asked for.
      next = Math.max(next + intervalNanos, System.nanoTime());
      while (!stopping && System.nanoTime() < next) {
        LockSupport.parkNanos(next - System.nanoTime());
      }
    }
  }

  private void send(URI target) {
    long began = System.nanoTime();
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(target).timeout(LIMIT).build(),
              HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() == 200) {
        figures.answered(System.nanoTime() - began);
      } else {
        failed(target, answer.statusCode() + " " + headers(answer) + " " + answer.body());
      }
    } catch (IOException broken) {
      failed(target, broken.toString());
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    } finally {
      free.release();
    }
  }

  private static String headers(HttpResponse<String> answer) {
    return answer.headers().map().entrySet().stream()
        .map(header -> header.getKey() + ": " + String.join(", ", header.getValue()))
        .collect(Collectors.joining("; ", "[", "]"));
  }

  private void failed(URI target, String why) {
    figures.failed();
    out.println("{\"failure\":" + Json.string(target + ": " + why) + "}");
  }

  private void tell() {
    try {
      while (!stopping) {
        Thread.sleep(Duration.ofSeconds(1));
        out.println(figures.line());
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }
}
