package dev.meshctl.model.explain.hindsight;

import dev.meshctl.model.explain.hindsight.Entry.Side;
import java.util.List;
import java.util.stream.Stream;

/**
 * One request between two proxies, as they logged it.
 *
 * @param first who was there first: the client's proxy, or the server's where only that logged it
 * @param servers lines of the servers that were tried, in order
 */
public record Hop(Entry first, List<Entry> servers) {
  public Hop {
    servers = List.copyOf(servers);
  }

  /** Its client did not get the whole answer that it asked for. */
  public boolean failed() {
    return first.logged().failed();
  }

  /** A proxy of this hop made the failure, instead of passing it on. */
  public boolean failedHere() {
    return failed()
        && Stream.concat(Stream.of(first), servers.stream())
            .map(Entry::logged)
            .anyMatch(line -> line.failed() && !line.passedOn());
  }

  /** What hops have in common that went alike, whatever their paths. */
  public record Kind(
      String who,
      Side side,
      String authority,
      int status,
      List<String> flags,
      String details,
      String cluster) {
    public Kind {
      flags = List.copyOf(flags);
    }
  }

  public Kind kind() {
    LoggedRequest logged = first.logged();
    return new Kind(
        first.who(),
        first.side(),
        logged.authority(),
        logged.status(),
        logged.flags(),
        logged.details(),
        logged.route().cluster());
  }
}
