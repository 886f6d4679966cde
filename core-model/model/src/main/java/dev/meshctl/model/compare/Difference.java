package dev.meshctl.model.compare;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.meshctl.model.explain.Explanation;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What differs between two configurations.
 *
 * @param classes of requests whose fate differs; none where every request fares as before
 * @param limits what was not looked through whole, in words; a class may be missing only where one
 *     of these speaks of it
 */
public record Difference(List<Requests> classes, List<String> limits) {
  public Difference {
    classes = List.copyOf(classes);
    limits = List.copyOf(limits);
  }

  /** Whose proxies decide otherwise. */
  public enum Where {
    /** Those of the callers. */
    CLIENTS("clients"),
    GATEWAYS("gateways"),
    /** Those of the callees: who is let in. */
    SERVERS("servers");

    private final String word;

    Where(String word) {
      this.word = word;
    }

    @JsonValue
    public String word() {
      return word;
    }
  }

  /**
   * Requests with the same change.
   *
   * @param proxies that decide otherwise, by {@code NAMESPACE/WORKLOAD}
   * @param hosts that they are sent to, with port
   * @param before what decided until now; null where nobody wrote it
   * @param after what decides from now on; null where nobody wrote it
   */
  public record Requests(
      Where where,
      List<String> proxies,
      List<String> hosts,
      Example example,
      List<Change> changes,
      Explanation.@Nullable Source before,
      Explanation.@Nullable Source after) {
    public Requests {
      proxies = List.copyOf(proxies);
      hosts = List.copyOf(hosts);
      changes = List.copyOf(changes);
    }
  }

  /**
   * One of the requests.
   *
   * @param from {@code NAMESPACE/NAME} of a workload or gateway; empty for somebody without a proxy
   * @param source the client's address; empty where it does not matter
   * @param to host and port
   * @param method empty where a connection is meant, whatever it carries
   * @param headers may have {@code host}, where it is not that of {@code to}
   */
  public record Example(
      String from,
      String source,
      String to,
      String method,
      String path,
      Map<String, String> headers) {
    public Example {
      headers = Map.copyOf(headers);
    }

    /** It is a request; else a connection. */
    public boolean isRequest() {
      return !method.isEmpty();
    }
  }

  /**
   * One trait of the fate.
   *
   * @param trait for example {@code to}, {@code timeout}
   * @param before empty where it had none
   * @param after empty where it has none
   */
  public record Change(String trait, String before, String after) {}
}
