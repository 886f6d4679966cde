package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.http.DownstreamConnection;
import dev.meshctl.dataplane.http.RequestHead;
import dev.meshctl.dataplane.observe.Failure;
import dev.meshctl.dataplane.observe.LoopCounters.Counter;
import dev.meshctl.dataplane.resilience.OverloadState;
import dev.meshctl.dataplane.route.RequestLayer.Outcome;
import dev.meshctl.dataplane.upstream.Cluster;
import dev.meshctl.model.match.Bytes;
import dev.meshctl.model.match.CompiledAccess;
import dev.meshctl.model.match.CompiledAccess.Decision;
import dev.meshctl.model.match.CompiledAction;
import dev.meshctl.model.match.CompiledAction.CompiledFault;
import dev.meshctl.model.match.CompiledAction.CompiledMirror;
import dev.meshctl.model.match.CompiledCors;
import dev.meshctl.model.match.CompiledHeaders;
import dev.meshctl.model.match.CompiledRoute;
import dev.meshctl.model.match.RouteTarget;
import dev.meshctl.model.xds.HttpOptions;
import dev.meshctl.model.xds.Upgrades;
import dev.meshctl.net.tls.PeerIdentity;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The layers that stacks are made of.
 *
 * <p>Thread: any; stateless.
 */
public final class Layers {
  private Layers() {}

  private record Named(String name, Function<Exchange, Outcome> step) implements RequestLayer {
    @Override
    public Outcome handle(Exchange exchange) {
      return step.apply(exchange);
    }
  }

  private static RequestLayer layer(String name, Function<Exchange, Outcome> step) {
    return new Named(name, step);
  }

  /** Gives a request without {@code x-request-id} one. */
  public static RequestLayer requestId() {
    return layer(
        "request id",
        exchange -> {
          if (exchange.head().find("x-request-id", 0) < 0) {
            exchange.head().add("x-request-id", randomId(exchange));
          }
          return Outcome.CONTINUE;
        });
  }

  /** Where memory runs out, answers 503 or ends the connection with the answer. */
  public static RequestLayer shedOverload() {
    return layer(
        "shed overload",
        exchange -> {
          OverloadState overload = exchange.worker().overload();
          if (!overload.active()) {
            return Outcome.CONTINUE;
          }
          var counters = exchange.scope().counters();
          if (exchange.worker().dice().nextDouble() < overload.endConnections()) {
            counters.count(Counter.OVERLOAD_KEEPALIVE_DISABLED);
            exchange.downstream().closeAfterResponse();
          }
          if (exchange.worker().dice().nextDouble() < overload.shedRequests()) {
            counters.count(Counter.OVERLOAD_RQ_SHED);
            exchange.fail(Failure.Plain.OVERLOADED);
            return Outcome.DONE;
          }
          return Outcome.CONTINUE;
        });
  }

  /** A version 4 UUID (RFC 9562) of the loop's dice: an id, not a secret. */
  private static String randomId(Exchange exchange) {
    long high = exchange.worker().dice().nextLong() & ~0xF000L | 0x4000L;
    long low = exchange.worker().dice().nextLong() & ~(3L << 62) | 1L << 63;
    return new UUID(high, low).toString();
  }

  private static final CompiledHeaders INTERNAL =
      CompiledHeaders.dropping(
          List.of(
              "x-envoy-internal",
              "x-envoy-retry-on",
              "x-envoy-retry-grpc-on",
              "x-envoy-max-retries",
              "x-envoy-retriable-status-codes",
              "x-envoy-retriable-header-names",
              "x-envoy-upstream-rq-timeout-ms",
              "x-envoy-upstream-rq-per-try-timeout-ms",
              "x-envoy-upstream-rq-timeout-alt-response",
              "x-envoy-expected-rq-timeout-ms",
              "x-envoy-decorator-operation",
              "x-envoy-original-path"));

  private static boolean isInternal(byte[] array, int offset, int length) {
    return INTERNAL.drops(array, offset, length);
  }

  /** As {@link #forwardedProtocol}; what only those within may ask is not heard from outside. */
  public static RequestLayer clientAddress() {
    return layer(
        "client address",
        exchange -> {
          RequestHead head = exchange.head();
          head.removeWhere(Layers::isInternal);
          forwarded(exchange);
          return Outcome.CONTINUE;
        });
  }

  /**
   * Appends the connection's address to {@code x-forwarded-for} where clients come by themselves;
   * says in {@code x-forwarded-proto} how it came, where nobody has whose word counts.
   */
  public static RequestLayer forwardedProtocol() {
    return layer(
        "forwarded protocol",
        exchange -> {
          forwarded(exchange);
          return Outcome.CONTINUE;
        });
  }

  private static void forwarded(Exchange exchange) {
    RequestHead head = exchange.head();
    HttpOptions.ClientAddress rule = exchange.scope().options().client();
    if (rule.appends() && exchange.connection().isNamed()) {
      String address = exchange.connection().remoteText();
      var before = head.value("x-forwarded-for");
      head.set("x-forwarded-for", before == null ? address : before + "," + address);
    }
    boolean told = head.find("x-forwarded-proto", 0) >= 0;
    String protocol = exchange.connection().secure() ? "https" : "http";
    if (!told) {
      head.add("x-forwarded-proto", protocol);
    } else if (rule.direct() && rule.trustedHops() == 0) {
      head.set("x-forwarded-proto", protocol);
    }
  }

  /** {@code x-forwarded-client-cert} as the connection's setting asks. */
  public static RequestLayer clientCertificate() {
    return layer(
        "client certificate",
        exchange -> {
          RequestHead head = exchange.head();
          switch (exchange.scope().forwardClientCert()) {
            case SANITIZE -> head.remove("x-forwarded-client-cert");
            case SANITIZE_SET -> {
              head.remove("x-forwarded-client-cert");
              String element = certificate(exchange.scope().ownUri(), exchange.connection());
              if (element != null) {
                head.add("x-forwarded-client-cert", element);
              }
            }
            case APPEND_FORWARD -> {
              String element = certificate(exchange.scope().ownUri(), exchange.connection());
              var before = head.value("x-forwarded-client-cert");
              if (element != null) {
                head.set(
                    "x-forwarded-client-cert", before == null ? element : before + "," + element);
              }
            }
          }
          return Outcome.CONTINUE;
        });
  }

  private static @Nullable String certificate(String ownUri, DownstreamConnection connection) {
    if (connection.peer().isEmpty()) {
      return null;
    }
    PeerIdentity peer = connection.peer().get();
    return (ownUri.isEmpty() ? "" : "By=" + ownUri + ";")
        + "Hash="
        + peer.sha256Hex()
        + ";Subject=\""
        + peer.subject()
        + "\";URI="
        + peer.uri();
  }

  /** Finds the route; that there is none is told below, to those who may know. */
  public static RequestLayer findRoute() {
    return layer(
        "find route",
        exchange -> {
          RouteTable table = exchange.routes();
          if (table != null && table.routes().drawsLots()) {
            exchange.head().lot(exchange.worker().dice().nextInt(1_000_000));
          }
          CompiledRoute route = table == null ? null : table.routes().find(exchange.head());
          if (table != null && route != null) {
            exchange.route(table, route);
          }
          return Outcome.CONTINUE;
        });
  }

  /** Refuses to leave HTTP for what neither the route nor the listener allows. */
  public static RequestLayer upgrades() {
    return layer(
        "upgrades",
        exchange -> {
          if (exchange.head().upgrade() && !mayUpgrade(exchange)) {
            exchange.fail(Failure.Plain.UPGRADE_REFUSED);
            return Outcome.DONE;
          }
          return Outcome.CONTINUE;
        });
  }

  private static boolean mayUpgrade(Exchange exchange) {
    CompiledRoute route = exchange.routeOrNone();
    Upgrades ofRoute =
        route != null && route.action() instanceof CompiledAction.Forward forward
            ? forward.upgrades()
            : Upgrades.NONE;
    Bytes protocol = exchange.head().value("upgrade");
    return protocol != null
        && ofRoute.allow(protocol.toString(), exchange.scope().options().upgrades());
  }

  /**
   * The HTTP filters of the listener in their order, with the settings that the route gives them:
   * refuses what access rules do not allow, answers what browsers ask before a request.
   */
  public static RequestLayer filters() {
    return layer(
        "filters",
        exchange -> {
          List<HttpFilters.Step> steps = exchange.filters().steps();
          for (int i = 0; i < steps.size(); i++) {
            if (!passes(exchange, steps.get(i))) {
              return Outcome.DONE;
            }
          }
          return Outcome.CONTINUE;
        });
  }

  private static boolean passes(Exchange exchange, HttpFilters.Step step) {
    CompiledRoute route = exchange.routeOrNone();
    return switch (step) {
      case HttpFilters.Step.Access(var name, var rules) -> {
        CompiledAccess instead = route == null ? null : route.access(name);
        yield allowed(exchange, instead == null ? rules : instead);
      }
      case HttpFilters.Step.Cors(var name) -> {
        CompiledCors policy = route == null ? null : route.cors(name);
        yield policy == null || sharesWith(exchange, policy);
      }
      // It stands around the exchange.
      case HttpFilters.Step.GrpcWeb() -> true;
      case HttpFilters.Step.Concurrency concurrency -> Shedding.passes(exchange, concurrency);
      case HttpFilters.Step.Admission admission -> Shedding.passes(exchange, admission);
    };
  }

  private static boolean sharesWith(Exchange exchange, CompiledCors policy) {
    String origin = policy.allowed(exchange.head());
    if (origin == null || !policy.enabled().hits(exchange.worker().dice())) {
      return true;
    }
    if (CompiledCors.isPreflight(exchange.head())) {
      CorsAnswers.toPreflight(exchange, policy, origin);
      return false;
    }
    exchange.shareWith(policy, origin);
    return true;
  }

  private static boolean allowed(Exchange exchange, CompiledAccess rules) {
    RequestHead head = exchange.head();
    var counters = exchange.scope().counters();
    if (rules.hasShadow()) {
      boolean would =
          rules.decideShadow(head, exchange.scope().facts()) instanceof Decision.Allowed;
      counters.count(would ? Counter.RBAC_SHADOW_ALLOWED : Counter.RBAC_SHADOW_DENIED);
    }
    return switch (rules.decide(head, exchange.scope().facts())) {
      case Decision.Allowed allowed -> {
        counters.count(Counter.RBAC_ALLOWED);
        yield true;
      }
      case Decision.Denied(var policy) -> {
        counters.count(Counter.RBAC_DENIED);
        exchange.fail(new Failure.Denied(policy));
        yield false;
      }
    };
  }

  /**
   * Answers redirects, direct responses and, with 404, what no route takes; goes on with requests
   * to be forwarded.
   */
  public static RequestLayer answerLocally() {
    return layer(
        "answer locally",
        exchange -> {
          if (exchange.routeOrNone() == null) {
            exchange.answers().noRoute();
            return Outcome.DONE;
          }
          return switch (exchange.action()) {
            case CompiledAction.Forward forward -> Outcome.CONTINUE;
            case CompiledAction.Redirect redirect -> {
              exchange
                  .answers()
                  .redirect(redirect.status(), redirect.to().location(exchange.head()));
              yield Outcome.DONE;
            }
            case CompiledAction.Respond respond -> {
              exchange.answers().direct(respond.status(), respond.body());
              yield Outcome.DONE;
            }
          };
        });
  }

  /** Delays and aborts as the route's fault says, the delay first. */
  public static RequestLayer fault() {
    return layer(
        "fault",
        exchange -> {
          if (exchange.forward().fault().isEmpty()) {
            return Outcome.CONTINUE;
          }
          CompiledFault fault = exchange.forward().fault().get();
          long delayNanos = Faults.delayNanos(fault, exchange.head(), exchange.worker().dice());
          Failure.Injected abort = Faults.abort(fault, exchange.head(), exchange.worker().dice());
          if ((delayNanos > 0 || abort != null) && !exchange.mayFault(fault.mostActive())) {
            return Outcome.CONTINUE;
          }
          if (delayNanos > 0) {
            exchange.delay(delayNanos, abort);
            return Outcome.WAITING;
          }
          if (abort != null) {
            exchange.fail(abort);
            return Outcome.DONE;
          }
          return Outcome.CONTINUE;
        });
  }

  /** Throws the dice for one of the route's clusters, or asks the request's hash. */
  public static RequestLayer chooseCluster() {
    return layer(
        "choose cluster",
        exchange -> {
          CompiledAction.Forward forward = exchange.forward();
          RouteTarget target =
              forward.stickySplit()
                  ? forward.targets().pickBy(exchange.hash())
                  : forward.targets().pick(exchange.worker().dice());
          Cluster cluster = exchange.routeTable().cluster(target);
          if (cluster == null) {
            exchange.answers().noCluster();
            return Outcome.DONE;
          }
          exchange.target(target, cluster);
          return Outcome.CONTINUE;
        });
  }

  /** Headers, path and authority as route and cluster want them. */
  public static RequestLayer rewrite() {
    return layer(
        "rewrite",
        exchange -> {
          RequestHead head = exchange.head();
          CompiledAction.Forward forward = exchange.forward();
          // Above the rewrites, because headers are formatted from what the client sent, as at
          // Envoy.
          CompiledRoute route = exchange.compiledRoute();
          CompiledHeaders ofTarget = exchange.targetOf().requestHeaders();
          if (!route.requestHeaders().isEmpty() || !ofTarget.isEmpty()) {
            ExchangeValues values = new ExchangeValues(exchange, null);
            // The cluster's first, in whatever order the others come: as at Envoy.
            HeaderEdits.apply(ofTarget, head, values);
            HeaderEdits.apply(route.requestHeaders(), head, values);
          }
          String host = forward.host().authority(head);
          if (forward.rewrite().isPresent()) {
            head.set("x-envoy-original-path", head.path().toString());
            head.replacePath(forward.rewrite().get().apply(head.path()));
          }
          if (!host.isEmpty()) {
            if (forward.appendForwardedHost()) {
              String before = head.authority().toString();
              var told = head.value("x-forwarded-host");
              head.set("x-forwarded-host", told == null ? before : told + "," + before);
            }
            head.replaceAuthority(host);
          }
          head.stripHopByHop();
          MessageMarks.via(exchange.scope().options(), head);
          return Outcome.CONTINUE;
        });
  }

  /** Sends copies to mirrors and forgets them. */
  public static RequestLayer mirror() {
    return layer(
        "mirror",
        exchange -> {
          List<CompiledMirror> mirrors = exchange.forward().mirrors();
          for (int i = 0; i < mirrors.size(); i++) {
            CompiledMirror mirror = mirrors.get(i);
            Cluster cluster = exchange.routeTable().cluster(mirror.target());
            if (cluster != null && mirror.chance().hits(exchange.worker().dice())) {
              exchange.mirrorTo(cluster, mirror.keepsHost());
            }
          }
          return Outcome.CONTINUE;
        });
  }

  /** Balances, connects, sends, and tries again where that may help. */
  public static RequestLayer forward() {
    return layer(
        "forward",
        exchange -> {
          exchange.begin();
          return Outcome.DONE;
        });
  }
}
