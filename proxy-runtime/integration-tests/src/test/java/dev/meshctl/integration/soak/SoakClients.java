package dev.meshctl.integration.soak;

import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients with a connection each, as fast as they are answered or at a pace. Every answer but 200
 * is a failure. Threads: a virtual one for each client; any may ask for the counts.
 */
final class SoakClients implements AutoCloseable {
  private static final int CLIENTS = 16;

  /** One request in so many brings a body, which must be kept for a retry. */
  private static final int WITH_BODY = 4;

  private static final byte[] BODY = new byte[2048];

  private final SoakJournal journal;
  private final AtomicLong sent = new AtomicLong();
  private final Queue<String> failed = new ConcurrentLinkedQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile long paceNanos;
  private volatile boolean over;

  SoakClients(int port, SoakJournal journal) {
    this.journal = journal;
    for (int i = 0; i < CLIENTS; i++) {
      String name = "client-" + i + "-";
      threads.add(Thread.ofVirtual().start(() -> ask(port, name)));
    }
  }

  /** How many requests a second are answered when each follows the last at once. */
  double capacity(Duration measured) throws InterruptedException {
    paceNanos = 0;
    long before = sent.get();
    NANOSECONDS.sleep(measured.toNanos());
    return (double) (sent.get() - before) / SECONDS.convert(measured);
  }

  /** From now on so many a second, all clients together. */
  void pace(double requestsPerSecond) {
    paceNanos = (long) (CLIENTS * 1e9 / requestsPerSecond);
  }

  long sent() {
    return sent.get();
  }

  /** Every failure: what was answered instead of 200, and what the upstreams saw of it. */
  Collection<String> failed() {
    return failed;
  }

  private void ask(int port, String name) {
    URI uri = URI.create("http://127.0.0.1:" + port + "/soak");
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      long next = System.nanoTime();
      for (long i = 0; !over; i++) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20));
        if (i % WITH_BODY == 0) {
          request.POST(HttpRequest.BodyPublishers.ofByteArray(BODY));
        }
        one(client, request, name + i);
        long now = System.nanoTime();
        // Behind by more than a step: what was missed is not made up for in a burst.
        next = Math.max(next + paceNanos, now - paceNanos);
        NANOSECONDS.sleep(next - now);
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  private void one(HttpClient client, HttpRequest.Builder builder, String id)
      throws InterruptedException {
    HttpRequest request = builder.header(SoakJournal.ID, id).build();
    double begun = journal.seconds();
    String wrong = "";
    try {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        wrong = answer.statusCode() + " " + answer.body();
      }
    } catch (IOException e) {
      wrong = String.valueOf(e);
    }
    sent.incrementAndGet();
    String seen = journal.end(id);
    if (!wrong.isEmpty()) {
      failed.add("%s, begun at %.3f s: %s (%s)".formatted(request.method(), begun, wrong, seen));
    }
  }

  @Override
  public void close() throws InterruptedException {
    over = true;
    for (Thread each : threads) {
      each.join();
    }
  }
}
