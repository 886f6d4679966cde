package dev.meshctl.controlplane.patch;

import dev.meshctl.net.retry.Pause;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Looks after a shelf: verifies at once what was here before, and from then on what comes to be
 * here or changes; now and then deletes what nothing refers to. Nothing waits for it.
 *
 * <p>Thread: one of its own, until it is interrupted.
 */
public final class BundleKeeper implements Runnable {
  private static final System.Logger LOG = System.getLogger(BundleKeeper.class.getName());
  private static final Duration LOOK = Duration.ofSeconds(10);

  /**
   * Looks from one collection to the next, ten minutes. The first is as late: all proxies have said
   * by then what they run.
   */
  static final int LOOKS = 60;

  private final BundleShelf shelf;
  private final Orders orders;
  private final Pause pause;

  public BundleKeeper(BundleShelf shelf, Orders orders, Pause pause) {
    this.shelf = shelf;
    this.orders = orders;
    this.pause = pause;
  }

  @Override
  public void run() {
    try {
      for (int look = 0; ; look++) {
        look(look > 0 && look % LOOKS == 0);
        pause.pause(LOOK);
      }
    } catch (InterruptedException closed) {
      // As asked.
    }
  }

  private void look(boolean collect) {
    try {
      shelf.verify();
      Optional<Set<String>> needed = collect ? orders.needed() : Optional.empty();
      if (needed.isPresent()) {
        shelf.collect(needed.get());
      }
    } catch (IOException | RuntimeException failed) {
      LOG.log(System.Logger.Level.WARNING, "the bundles: {0}", failed.toString());
    }
  }
}
