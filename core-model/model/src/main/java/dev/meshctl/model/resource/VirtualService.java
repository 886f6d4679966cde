package dev.meshctl.model.resource;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Istio {@code networking.istio.io/VirtualService}.
 *
 * @param hosts none in one that others delegate to
 */
public record VirtualService(
    Metadata metadata,
    List<String> hosts,
    List<String> gateways,
    List<HttpRule> http,
    List<TcpRule> tcp,
    List<TlsRule> tls,
    List<String> exportTo)
    implements MeshResource {
  public VirtualService {
    hosts = List.copyOf(hosts);
    gateways = List.copyOf(gateways);
    http = List.copyOf(http);
    tcp = List.copyOf(tcp);
    tls = List.copyOf(tls);
    exportTo = List.copyOf(exportTo);
  }

  @Override
  public String kind() {
    return "VirtualService";
  }

  /**
   * {@code spec.http[]}: exactly one of forward, redirect, direct response.
   *
   * @param delegate whose rules stand in place of this one, which forwards to nobody then
   * @param origin where the rule stands, if not at its index
   */
  public record HttpRule(
      String name,
      List<HttpMatch> match,
      HttpAction action,
      HeaderEdits headers,
      Optional<Delegate> delegate,
      Optional<Origin> origin) {
    public HttpRule {
      match = List.copyOf(match);
    }

    public HttpRule(String name, List<HttpMatch> match, HttpAction action, HeaderEdits headers) {
      this(name, match, action, headers, Optional.empty(), Optional.empty());
    }

    /** The same, which stands elsewhere. */
    public HttpRule madeFrom(Origin place) {
      return new HttpRule(name, match, action, headers, delegate, Optional.of(place));
    }
  }

  /** {@code delegate}: a VirtualService without hosts; an empty namespace is the rule's. */
  public record Delegate(String namespace, String name) {}

  /** A field of a resource. */
  public record Origin(ResourceId resource, String field) {}

  /** What an HTTP rule does. */
  public sealed interface HttpAction {
    record Forward(
        List<RouteDestination> route,
        Optional<Rewrite> rewrite,
        Optional<Duration> timeout,
        Optional<Retries> retries,
        Optional<Fault> fault,
        List<Mirror> mirrors)
        implements HttpAction {
      public Forward {
        route = List.copyOf(route);
        mirrors = List.copyOf(mirrors);
      }
    }

    /** {@code redirect}: empty strings and port 0 keep the request's own. */
    record Redirect(String uri, String authority, String scheme, int port, int code)
        implements HttpAction {}

    record DirectResponse(int status, String body) implements HttpAction {}
  }

  /** {@code match[]}: all given conditions hold. {@code port} 0 is any. */
  public record HttpMatch(
      String name,
      Optional<StringMatch> uri,
      Optional<StringMatch> scheme,
      Optional<StringMatch> method,
      Optional<StringMatch> authority,
      Map<String, StringMatch> headers,
      Map<String, StringMatch> withoutHeaders,
      Map<String, StringMatch> queryParams,
      boolean ignoreUriCase,
      int port,
      Map<String, String> sourceLabels,
      String sourceNamespace,
      List<String> gateways) {
    public HttpMatch {
      headers = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(headers));
      withoutHeaders =
          java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(withoutHeaders));
      queryParams =
          java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(queryParams));
      sourceLabels = Map.copyOf(sourceLabels);
      gateways = List.copyOf(gateways);
    }

    /** The same at other gateways. */
    public HttpMatch at(List<String> others) {
      return new HttpMatch(
          name,
          uri,
          scheme,
          method,
          authority,
          headers,
          withoutHeaders,
          queryParams,
          ignoreUriCase,
          port,
          sourceLabels,
          sourceNamespace,
          others);
    }
  }

  /** {@code route[]}: weights are proportions; a single destination may leave its weight 0. */
  public record RouteDestination(Destination destination, int weight, HeaderEdits headers) {}

  /** {@code destination}: {@code subset} may be empty, {@code port} 0 where the service has one. */
  public record Destination(String host, String subset, int port) {}

  /** {@code rewrite}; empty keeps. */
  public record Rewrite(String uri, String authority) {}

  /** {@code retries}. */
  public record Retries(int attempts, Optional<Duration> perTryTimeout, String retryOn) {}

  /** {@code fault}: percentages are 0 to 100. */
  public record Fault(Optional<Delay> delay, Optional<Abort> abort) {}

  public record Delay(double percentage, Duration fixedDelay) {}

  /** One of an HTTP status and a gRPC status; the other is -1. */
  public record Abort(double percentage, int httpStatus, int grpcStatus) {}

  public record Mirror(Destination destination, double percentage) {}

  /** {@code spec.tcp[]}; a rule without ports takes all. */
  public record TcpRule(List<Integer> ports, List<RouteDestination> route) {
    public TcpRule {
      ports = List.copyOf(ports);
      route = List.copyOf(route);
    }
  }

  /** {@code spec.tls[]}. */
  public record TlsRule(List<String> sniHosts, List<Integer> ports, List<RouteDestination> route) {
    public TlsRule {
      sniHosts = List.copyOf(sniHosts);
      ports = List.copyOf(ports);
      route = List.copyOf(route);
    }
  }
}
