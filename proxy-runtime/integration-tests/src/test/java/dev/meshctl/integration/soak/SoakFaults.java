package dev.meshctl.integration.soak;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong: an upstream dies every second or so, configuration is pushed twice a second, and
 * clients reset. A fault that cannot be done any more is remembered: without it the soak would look
 * well. Threads: one for each kind, so that none holds up another.
 */
final class SoakFaults {
  private final ScheduledExecutorService kinds = Executors.newScheduledThreadPool(3);
  private final SoakConfig config;
  private final List<SoakUpstream> upstreams;
  private final int port;
  private final AtomicLong version = new AtomicLong();
  private final AtomicLong deaths = new AtomicLong();
  private final AtomicLong resets = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> broken = new AtomicReference<>();

  /**
   * @param seed of the dice, one for each kind of fault
   */
  SoakFaults(SoakConfig config, List<SoakUpstream> upstreams, int port, long seed) {
    this.config = config;
    this.upstreams = upstreams;
    this.port = port;
    Random ofPushes = new Random(seed);
    Random ofDeaths = new Random(seed + 1);
    Random ofResets = new Random(seed + 2);
    kinds.scheduleAtFixedRate(told(() -> push(ofPushes)), 0, 500, TimeUnit.MILLISECONDS);
    kinds.scheduleWithFixedDelay(told(() -> kill(ofDeaths)), 300, 900, TimeUnit.MILLISECONDS);
    kinds.scheduleWithFixedDelay(told(() -> reset(ofResets)), 100, 150, TimeUnit.MILLISECONDS);
  }

  long deaths() {
    return deaths.get();
  }

  long resets() {
    return resets.get();
  }

  /** Of the routes that were pushed last. */
  long version() {
    return version.get();
  }

  /** Ends them; throws what ended one of them before. */
  void end() throws Exception {
    kinds.shutdown();
    if (!kinds.awaitTermination(10, TimeUnit.SECONDS)) {
      throw new IllegalStateException("a fault does not end");
    }
    Throwable before = broken.get();
    if (before != null) {
      throw new IllegalStateException("a fault could not be done any more", before);
    }
  }

  private interface Fault {
    void happen() throws Exception;
  }

  private Runnable told(Fault fault) {
    return () -> {
      try {
        fault.happen();
      } catch (Exception | Error e) {
        broken.compareAndSet(null, e);
      }
    };
  }

  private void push(Random dice) throws IOException {
    config.pushRoutes(version.get() + 1);
    version.incrementAndGet();
    // One index too many: all of them stay.
    config.pushEndpointsWithout(dice.nextInt(upstreams.size() + 1));
  }

  private void kill(Random dice) throws Exception {
    upstreams.get(dice.nextInt(upstreams.size())).dieForAMoment();
    deaths.incrementAndGet();
  }

  /** A client that goes in the midst of a request, or while it is answered. */
  private void reset(Random dice) {
    byte[] request =
        ("GET " + SoakUpstream.LARGE + " HTTP/1.1\r\nhost: soak\r\nx-more: 0123456789\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    int written = dice.nextInt(2 * request.length);
    try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
      socket.setSoLinger(true, 0);
      socket.setSoTimeout(1000);
      socket.getOutputStream().write(request, 0, Math.min(written, request.length));
      if (written >= request.length) {
        InputStream answer = socket.getInputStream();
        answer.readNBytes(dice.nextInt(64 << 10));
      }
    } catch (IOException reset) {
      // As meant.
    }
    resets.incrementAndGet();
  }
}
