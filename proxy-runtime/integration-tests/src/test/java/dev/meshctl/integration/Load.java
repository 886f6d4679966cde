package dev.meshctl.integration;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** One client that asks again and again until closed, and keeps what went wrong. */
final class Load implements AutoCloseable {
  /** A test ends long before; this bounds a run that nobody closes. */
  private static final long MOST_REQUESTS = 200_000;

  private final AtomicLong done = new AtomicLong();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private volatile boolean stop;

  private Load(BookshopMesh mesh, String path) {
    thread = Thread.ofVirtual().start(() -> ask(mesh, path));
  }

  static Load on(BookshopMesh mesh, String path) {
    return new Load(mesh, path);
  }

  private void ask(BookshopMesh mesh, String path) {
    while (!stop && done.get() < MOST_REQUESTS) {
      try {
        var response = mesh.get(path);
        if (response.statusCode() != 200) {
          failures.add(response.statusCode() + " " + response.body());
        }
      } catch (IOException e) {
        failures.add(e.toString());
      } catch (InterruptedException e) {
        return;
      }
      done.incrementAndGet();
    }
  }

  long done() {
    return done.get();
  }

  Queue<String> failures() {
    return failures;
  }

  @Override
  public void close() throws InterruptedException {
    stop = true;
    thread.join();
  }
}
