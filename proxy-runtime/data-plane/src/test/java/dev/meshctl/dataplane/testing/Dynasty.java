package dev.meshctl.dataplane.testing;

import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.net.handover.Handed;
import dev.meshctl.net.handover.Predecessor;
import dev.meshctl.net.handover.Successors;
import dev.meshctl.net.loop.Loops;
import dev.meshctl.xdsclient.ConfigSink.Rejection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Proxies, each of which takes the place of the one before over a real Unix socket. */
public final class Dynasty implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Loops loops = Loops.start(1, "dynasty");
  private final DataPlane.Settings settings;
  private final Path socket;
  private final List<Thread> leaving = new ArrayList<>();
  private DataPlane present;
  private Successors successors;
  private final Semaphore alone = new Semaphore(0);

  /**
   * @param folder for the socket
   */
  public Dynasty(DataPlane.Settings settings, XdsSnapshot first, Path folder) throws IOException {
    this.settings = settings;
    this.socket = folder.resolve("s");
    present = DataPlane.start(settings, Optional.empty());
    accepted(present, first);
    successors = waiting(present);
  }

  private static void accepted(DataPlane plane, XdsSnapshot snapshot) {
    List<Rejection> rejections = plane.accept(snapshot);
    if (!rejections.isEmpty()) {
      throw new AssertionError(rejections.toString());
    }
  }

  private Successors waiting(DataPlane plane) throws IOException {
    return Successors.await(
        loops,
        socket,
        new Successors.Offer() {
          @Override
          public List<Handed> share() {
            return plane.handOver();
          }

          @Override
          public void alone() {
            plane.goOn();
            alone.release();
          }
        });
  }

  /** Who serves. */
  public DataPlane present() {
    return present;
  }

  /** Makes one that has asked for nothing. */
  public DataPlane standBy(DataPlane.Settings as, XdsSnapshot snapshot) {
    DataPlane next = DataPlane.standBy(as, Optional.empty());
    accepted(next, snapshot);
    next.selfTest(PATIENCE)
        .ifPresent(wrong -> {
          throw new AssertionError(wrong);
        });
    return next;
  }

  /** The next one takes over; the one before drains, and leaves when it has. */
  public void succeed(DataPlane.Settings as, XdsSnapshot snapshot)
      throws IOException, InterruptedException {
    DataPlane next = standBy(as, snapshot);
    Predecessor predecessor = Predecessor.ask(loops, socket).orElseThrow();
    List<Rejection> failed = next.takeOver(predecessor.sockets(PATIENCE));
    if (!failed.isEmpty()) {
      throw new AssertionError(failed.toString());
    }
    DataPlane old = present;
    old.retire();
    successors.close();
    predecessor.close();
    present = next;
    successors = waiting(next);
    leaving.removeIf(thread -> !thread.isAlive());
    leaving.add(Thread.ofVirtual().start(() -> leave(old)));
  }

  public void succeed(XdsSnapshot snapshot) throws IOException, InterruptedException {
    succeed(settings, snapshot);
  }

  /** The next one gets the sockets, and dies before it has answered anybody. */
  public void failToSucceed(XdsSnapshot snapshot) throws IOException, InterruptedException {
    DataPlane next = standBy(settings, snapshot);
    try (Predecessor predecessor = Predecessor.ask(loops, socket).orElseThrow()) {
      predecessor.sockets(PATIENCE).close();
    } finally {
      next.close();
    }
    if (!alone.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("the one before was not told");
    }
  }

  /** The next one takes over and dies; the one before, which has retired, comes back. */
  public void succeedAndDie(XdsSnapshot snapshot) throws IOException, InterruptedException {
    DataPlane next = standBy(settings, snapshot);
    Predecessor predecessor = Predecessor.ask(loops, socket).orElseThrow();
    List<Rejection> failed = next.takeOver(predecessor.sockets(PATIENCE));
    if (!failed.isEmpty()) {
      throw new AssertionError(failed.toString());
    }
    present.retire();
    predecessor.close();
    next.retire();
    if (!alone.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("the one before was not told");
    }
    leaving.add(Thread.ofVirtual().start(() -> leave(next)));
  }

  private static void leave(DataPlane old) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (old.openConnections() > 0 && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    old.close();
  }

  @Override
  public void close() throws InterruptedException {
    successors.close();
    present.close();
    for (Thread each : leaving) {
      each.join();
    }
    loops.close();
  }
}
