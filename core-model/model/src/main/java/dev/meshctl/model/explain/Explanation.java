package dev.meshctl.model.explain;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.meshctl.model.source.Position;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The fate of a request, with every decision on its way.
 *
 * <p>{@code service}, {@code subset} and {@code endpoints} are those of the likeliest destination;
 * {@code destinations} has all.
 *
 * @param service full host name; empty where the request reaches none
 * @param matched what its route was made from; null where nobody wrote one
 * @param rewritten the request as the upstream gets it; null where none gets it
 * @param policies that were asked, in order
 * @param status of the answer where the mesh gives it itself, else 0
 * @param location of a redirect, else empty
 * @param route name of the route that took it, empty where none did
 * @param admittances what each workload says that may get it, the likeliest first
 * @param headers names, in lower case, that were asked for on the way, by routes and policies
 */
public record Explanation(
    Outcome outcome,
    String service,
    String subset,
    List<Candidate> endpoints,
    @Nullable Source matched,
    @Nullable Rewritten rewritten,
    List<Policy> policies,
    Timeouts timeouts,
    Retries retries,
    List<Destination> destinations,
    int status,
    String location,
    String route,
    List<String> headers,
    List<Admittance> admittances,
    List<Step> steps) {
  public Explanation {
    headers = List.copyOf(headers);
    admittances = List.copyOf(admittances);
    endpoints = List.copyOf(endpoints);
    policies = List.copyOf(policies);
    destinations = List.copyOf(destinations);
    steps = List.copyOf(steps);
  }

  /** What it comes to. */
  public enum Outcome {
    ROUTED("routed"),
    /** By an AuthorizationPolicy of the server. */
    DENIED("denied"),
    /** No connection comes about, or no endpoint is there to take it. */
    REJECTED("rejected"),
    REDIRECTED("redirected"),
    DIRECT_RESPONSE("direct-response"),
    NO_ROUTE("no-route");

    private final String word;

    Outcome(String word) {
      this.word = word;
    }

    @JsonValue
    public String word() {
      return word;
    }
  }

  /** A resource, and where it says so. */
  public record Source(String kind, String namespace, String name, String file, int line) {
    public static Source at(dev.meshctl.model.resource.ResourceId id, Position position) {
      return new Source(id.kind(), id.namespace(), id.name(), position.source(), position.line());
    }

    /** {@code VirtualService shop/reviews (shop.yaml:12)}. */
    @Override
    public String toString() {
      return kind
          + " "
          + (namespace.isEmpty() ? "" : namespace + "/")
          + name
          + " ("
          + file
          + ":"
          + line
          + ")";
    }
  }

  /** Headers are those that the route sets or removes; a removed one is empty. */
  public record Rewritten(
      String method, String path, String authority, Map<String, String> headers) {}

  /** An AuthorizationPolicy's rule, and what it said. */
  public record Policy(String action, String name, String decision) {}

  /** Zero is off; in milliseconds. */
  public record Timeouts(long requestMillis, long perTryMillis) {
    static final Timeouts NONE = new Timeouts(0, 0);
  }

  /** Attempts beyond the first. */
  public record Retries(int attempts, List<String> on) {
    static final Retries NONE = new Retries(0, List.of());

    public Retries {
      on = List.copyOf(on);
    }
  }

  /** Where a share of such requests goes. */
  public record Destination(
      String cluster,
      String service,
      String subset,
      int port,
      double percent,
      String tls,
      List<Candidate> endpoints) {
    public Destination {
      endpoints = List.copyOf(endpoints);
    }
  }

  /**
   * A replica.
   *
   * @param address with port; empty where the folder does not tell
   * @param reason why it is out; empty where it is in
   */
  public record Candidate(
      String name, String address, String zone, int priority, boolean in, String reason) {}

  /**
   * One decision.
   *
   * @param layer {@code mesh}, {@code client}, {@code service}, {@code listener}, {@code route},
   *     {@code request}, {@code cluster}, {@code endpoints}, {@code tls}, {@code policy}, {@code
   *     answer}
   * @param source null where no resource decided it
   */
  public record Step(String layer, String decision, @Nullable Source source) {}

  static Optional<Candidate> firstIn(List<Candidate> candidates) {
    return candidates.stream().filter(Candidate::in).findFirst();
  }
}
