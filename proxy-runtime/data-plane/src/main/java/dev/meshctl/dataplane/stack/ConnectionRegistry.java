package dev.meshctl.dataplane.stack;

import dev.meshctl.dataplane.http.ServerConnection;
import dev.meshctl.model.match.ConnectionFacts;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The clients' connections of one loop.
 *
 * <p>Thread: confined to its loop.
 */
public final class ConnectionRegistry {
  private final Set<Entry> open = new HashSet<>();
  private final Set<Arrival> arriving = new HashSet<>();
  private boolean retiring;

  /** A connection and the chain that it was accepted by. */
  static final class Entry {
    private final String listener;
    private final String chain;
    private final boolean encrypted;
    private final ConnectionFacts facts;
    private final long mostNanos;
    private final long startNanos = System.nanoTime();
    private final ServerConnection connection;
    private boolean tooOld;

    /**
     * @param mostNanos after which the connection is drained, 0 for never
     */
    Entry(
        String listener,
        String chain,
        boolean encrypted,
        ConnectionFacts facts,
        long mostNanos,
        ServerConnection connection) {
      this.listener = listener;
      this.chain = chain;
      this.encrypted = encrypted;
      this.facts = facts;
      this.mostNanos = mostNanos;
      this.connection = connection;
    }

    String listener() {
      return listener;
    }

    String chain() {
      return chain;
    }

    boolean encrypted() {
      return encrypted;
    }

    ConnectionFacts facts() {
      return facts;
    }
  }

  /** Tells whether a connection still agrees with the configuration. */
  interface Keep {
    boolean test(Entry entry);
  }

  void add(Entry entry) {
    open.add(entry);
    if (retiring) {
      entry.connection.retire();
    }
  }

  void remove(Entry entry) {
    open.remove(entry);
  }

  /** One that has no chain or no codec yet; it counts, and ends with the others. */
  void add(Arrival arrival) {
    arriving.add(arrival);
    if (retiring) {
      arrival.retire();
    }
  }

  void remove(Arrival arrival) {
    arriving.remove(arrival);
  }

  /** Connections open. */
  public int size() {
    return open.size() + arriving.size();
  }

  void drainUnless(Keep keep) {
    for (Entry entry : List.copyOf(open)) {
      if (!keep.test(entry)) {
        entry.connection.drain();
      }
    }
  }

  /** Ends those on their way whose listener is no more. */
  void closeArrivingUnless(Predicate<String> listener) {
    for (Arrival arrival : List.copyOf(arriving)) {
      if (!listener.test(arrival.listener())) {
        arrival.closeNow();
      }
    }
  }

  /** Ends those that the configuration no longer admits: access that was taken away is gone. */
  void closeUnless(Keep keep) {
    for (Entry entry : List.copyOf(open)) {
      if (!keep.test(entry)) {
        entry.connection.closeNow();
      }
    }
  }

  /** Lets all end what they do. */
  public void drain() {
    drainOf(listener -> true);
  }

  /** Lets those of some listeners end what they do. */
  public void drainOf(Predicate<String> listener) {
    for (Arrival arrival : List.copyOf(arriving)) {
      if (listener.test(arrival.listener())) {
        arrival.drain();
      }
    }
    for (Entry entry : List.copyOf(open)) {
      if (listener.test(entry.listener)) {
        entry.connection.drain();
      }
    }
  }

  /**
   * Another process takes new connections: ours end without a request being lost, and so do those
   * that are still to come from the queue.
   */
  public void retire() {
    retiring = true;
    arriving.forEach(Arrival::retire);
    List.copyOf(open).forEach(entry -> entry.connection.retire());
  }

  /** New connections are ours again; those that were told to end do. */
  public void goOn() {
    retiring = false;
  }

  public void sweep(long nowNanos) {
    List.copyOf(arriving).forEach(arrival -> arrival.sweep(nowNanos));
    for (Entry entry : List.copyOf(open)) {
      if (entry.mostNanos > 0 && !entry.tooOld && nowNanos - entry.startNanos >= entry.mostNanos) {
        entry.tooOld = true;
        entry.connection.drain();
      }
      entry.connection.sweep(nowNanos);
    }
  }

  public void closeNow() {
    List.copyOf(arriving).forEach(Arrival::closeNow);
    List.copyOf(open).forEach(entry -> entry.connection.closeNow());
  }
}
