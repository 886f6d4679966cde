package dev.meshctl.integration.soak;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Answers until it dies; now and then closes a connection instead of answering. Thread: one faults
 * thread kills, virtual ones answer.
 */
final class SoakUpstream implements AutoCloseable {
  /** A body that no buffer on the way holds whole. */
  static final String LARGE = "/large";

  /** One request of so many is answered by closing its connection. */
  private static final int ANSWERED_BY_CLOSING = 200;

  private static final int DEAD_MILLIS = 250;
  private static final byte[] BODY = "x".repeat(1024).getBytes(US_ASCII);
  private static final byte[] LARGE_BODY = "y".repeat(512 << 10).getBytes(US_ASCII);

  private final int port;
  private final Random dice;
  private final SoakJournal journal;
  private final ExecutorService answering = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicLong closings = new AtomicLong();
  private final AtomicLong newestVersion = new AtomicLong();
  private HttpServer server;

  SoakUpstream(int port, Random dice, SoakJournal journal) throws IOException {
    this.port = port;
    this.dice = dice;
    this.journal = journal;
    this.server = start();
  }

  int port() {
    return port;
  }

  /** How many requests were answered by closing. */
  long closings() {
    return closings.get();
  }

  /** Of the routes through which a request came. */
  long newestVersion() {
    return newestVersion.get();
  }

  /** Ends with every connection, and comes back on the same port. */
  void dieForAMoment() throws IOException, InterruptedException {
    server.stop(0);
    TimeUnit.MILLISECONDS.sleep(DEAD_MILLIS);
    server = start();
  }

  @Override
  public void close() {
    server.stop(0);
    answering.shutdown();
  }

  private HttpServer start() throws IOException {
    HttpServer begun = HttpServer.create();
    begun.setExecutor(answering);
    begun.createContext("/", this::answer);
    bind(begun);
    begun.start();
    return begun;
  }

  /** Somebody's outgoing connection may have the port for a moment. */
  private void bind(HttpServer begun) throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
    BindException taken = new BindException();
    for (int i = 0; i < 50; i++) {
      try {
        begun.bind(address, 128);
        return;
      } catch (BindException e) {
        taken = e;
        try {
          TimeUnit.MILLISECONDS.sleep(100);
        } catch (InterruptedException ended) {
          Thread.currentThread().interrupt();
          throw e;
        }
      }
    }
    throw taken;
  }

  private void answer(HttpExchange exchange) throws IOException {
    String id = exchange.getRequestHeaders().getFirst(SoakJournal.ID);
    Consumer<String> note =
        what -> {
          if (id != null) {
            journal.saw(id, port, what);
          }
        };
    note.accept("received it");
    String version = exchange.getRequestHeaders().getFirst(SoakConfig.VERSION);
    if (version != null) {
      newestVersion.accumulateAndGet(Long.parseLong(version), Math::max);
    }
    exchange.getRequestBody().readAllBytes();
    if (dice.nextInt(ANSWERED_BY_CLOSING) == 0) {
      closings.incrementAndGet();
      note.accept("closes");
      exchange.close();
      return;
    }
    byte[] body = exchange.getRequestURI().getPath().equals(LARGE) ? LARGE_BODY : BODY;
    try {
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
      note.accept("answered");
    } catch (IOException e) {
      note.accept("could not answer: " + e);
      throw e;
    }
  }
}
