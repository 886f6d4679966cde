package dev.meshctl.model.explain.hindsight;

import dev.meshctl.model.explain.Explanation;
import dev.meshctl.model.explain.Question;
import dev.meshctl.model.explain.hindsight.Entry.Side;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request that has been, beside what the configuration says of it now.
 *
 * @param at who logged it, {@code NAMESPACE/NAME}; empty where nothing tells
 * @param endpoint name of the replica that it went to; empty where it went nowhere, or to nobody
 *     whom the mesh knows now
 * @param meanings of flags and details
 * @param servers what the servers' own proxies logged of it, in order
 * @param asked the request as it was rebuilt; null where it cannot be
 * @param now null where {@code asked} is
 * @param unexplained why there is no explanation, with what would help; else empty
 * @param differences between the log and now
 * @param reasons why they may differ
 */
public record Hindsight(
    String at,
    Side side,
    LoggedRequest logged,
    String endpoint,
    List<Meaning> meanings,
    List<Seen> servers,
    @Nullable Question asked,
    @Nullable Explanation now,
    String unexplained,
    List<Difference> differences,
    List<String> reasons) {
  public Hindsight {
    meanings = List.copyOf(meanings);
    servers = List.copyOf(servers);
    differences = List.copyOf(differences);
    reasons = List.copyOf(reasons);
  }

  /** What a server's proxy logged. */
  public record Seen(String at, LoggedRequest logged, List<Meaning> meanings) {
    public Seen {
      meanings = List.copyOf(meanings);
    }
  }

  /**
   * @param what is compared: {@code answer}, {@code route}, {@code cluster}, {@code endpoint}
   * @param then as it was logged
   * @param now as the configuration has it
   */
  public record Difference(String what, String then, String now) {}
}
