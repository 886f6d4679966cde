package dev.meshctl.model.explain.hindsight;

import dev.meshctl.model.explain.hindsight.Entry.Side;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What was logged of requests, with what client and server say of the same one put together.
 *
 * <p>Threads: any; immutable.
 */
final class Hops {
  /** Clocks of two machines, and of two threads, are not one. */
  private static final Duration SLACK = Duration.ofMillis(20);

  private Hops() {}

  /** By time; those without one last. */
  static List<Entry> ordered(List<Entry> entries) {
    return entries.stream()
        .sorted(
            Comparator.comparing((Entry entry) -> entry.logged().start().orElse(Instant.MAX))
                // A gateway is before the sidecar that it calls, whatever the millisecond.
                .thenComparing(entry -> entry.side() == Side.GATEWAY ? 0 : 1)
                .thenComparing(entry -> -entry.logged().durationMillis()))
        .toList();
  }

  /** The hops, by time. */
  static List<Hop> of(List<Entry> entries) {
    List<Entry> ordered = ordered(entries);
    List<Hop> hops = new ArrayList<>();
    List<List<Entry>> servers = new ArrayList<>();
    for (Entry entry : ordered) {
      Optional<Integer> caller =
          entry.side() == Side.CALLED ? caller(hops, entry) : Optional.empty();
      if (caller.isPresent()) {
        servers.get(caller.get()).add(entry);
      } else {
        hops.add(new Hop(entry, List.of()));
        servers.add(new ArrayList<>());
      }
    }
    List<Hop> whole = new ArrayList<>();
    for (int i = 0; i < hops.size(); i++) {
      whole.add(new Hop(hops.get(i).first(), servers.get(i)));
    }
    return whole;
  }

  /** The last hop before it that may have led to it. */
  private static Optional<Integer> caller(List<Hop> hops, Entry server) {
    for (int i = hops.size() - 1; i >= 0; i--) {
      Entry client = hops.get(i).first();
      if (client.side() != Side.CALLED && meets(client.logged(), server.logged())) {
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }

  private static boolean meets(LoggedRequest client, LoggedRequest server) {
    if (client.requestId().isEmpty() || !client.requestId().equals(server.requestId())) {
      return false;
    }
    boolean within =
        client.start().isPresent()
            && server.start().isPresent()
            && !server.start().get().isBefore(client.start().get().minus(SLACK))
            && !server.start().get().isAfter(client.end().orElse(Instant.MAX).plus(SLACK));
    String endpoint = client.route().endpoint();
    boolean there = !endpoint.isEmpty() && endpoint.equals(server.addresses().listener());
    boolean alike = client.method().equals(server.method()) && client.path().equals(server.path());
    return within && (there || alike);
  }
}
