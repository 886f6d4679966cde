package dev.meshctl.model.explain;

import dev.meshctl.model.explain.Explanation.Outcome;
import dev.meshctl.model.match.ConnectionFacts;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.NetworkFilter.Routes;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.XdsSnapshot;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A request from outside, at a gateway. Thread: one. */
final class GatewayWay {
  /** Somebody of whom nothing is known (RFC 5737). */
  private static final String SOMEBODY = "192.0.2.1";

  /** Of the gateway itself, where policies of servers ask. */
  private static final String GATEWAY = "192.0.2.2";

  private final Scene scene;
  private final Question question;
  private final ProxyNode gateway;
  private final XdsSnapshot told;
  private final Trace trace;
  private final Delivery delivery;

  GatewayWay(Scene scene, Question question, ProxyNode gateway) {
    this.scene = scene;
    this.question = question;
    this.gateway = gateway;
    this.told = scene.translation().snapshotFor(gateway);
    this.trace = new Trace(scene);
    this.delivery =
        new Delivery(
            scene,
            trace,
            new Upstreams(scene, Upstreams.Client.ofGateway(gateway), told),
            new Caller(
                scene.identity(gateway.namespace(), gateway.serviceAccount()), true, GATEWAY));
  }

  Explanation whole() {
    if (scene.guessed()) {
      trace.step("mesh", "nothing is known to run: replicas are those that workloads ask for");
    }
    trace.step(
        "client",
        "somebody outside, at the gateway %s in %s, which is %s"
            .formatted(
                gateway.workload(),
                gateway.namespace(),
                scene.identity(gateway.namespace(), gateway.serviceAccount())));
    Optional<ListenerConfig> listener = listener();
    if (listener.isEmpty()) {
      trace.step(
          "listener",
          "nobody listens at port %d (there are: %s)".formatted(question.port(), ports()));
      return trace.end(Outcome.REJECTED);
    }
    Optional<FilterChain> chain = chain(listener.get());
    if (chain.isEmpty()) {
      trace.step("listener", "no chain of port " + question.port() + " is for " + question.host());
      return trace.end(Outcome.REJECTED);
    }
    return through(chain.get());
  }

  private Optional<ListenerConfig> listener() {
    return told.of(ResourceType.LISTENER).values().stream()
        .map(ListenerConfig.class::cast)
        .filter(listener -> listener.address().port() == question.port())
        .findFirst();
  }

  private String ports() {
    List<String> ports =
        told.of(ResourceType.LISTENER).values().stream()
            .map(listener -> ((ListenerConfig) listener).address().port())
            .sorted()
            .map(String::valueOf)
            .toList();
    return ports.isEmpty() ? "none" : String.join(", ", ports);
  }

  /** By the name that a TLS client would ask for, else for anybody. */
  private Optional<FilterChain> chain(ListenerConfig listener) {
    String host = question.headers().getOrDefault("host", question.host());
    int colon = host.lastIndexOf(':');
    String name = (colon < 0 ? host : host.substring(0, colon)).toLowerCase(Locale.ROOT);
    Optional<FilterChain> exact =
        listener.chains().stream()
            .filter(chain -> chain.match().serverNames().contains(name))
            .findFirst();
    return exact
        .or(() ->
            listener.chains().stream()
                .filter(chain ->
                    chain.match().serverNames().stream()
                        .anyMatch(
                            known -> known.startsWith("*") && name.endsWith(known.substring(1))))
                .findFirst())
        .or(() ->
            listener.chains().stream()
                .filter(chain -> chain.match().serverNames().isEmpty())
                .findFirst())
        .or(listener::defaultChain);
  }

  private Explanation through(FilterChain chain) {
    return switch (chain.filter()) {
      case NetworkFilter.TcpProxy tcp -> {
        trace.step(
            "listener",
            "port "
                + question.port()
                + (chain.match().serverNames().isEmpty()
                    ? ": connections are passed on, requests not told apart"
                    : ": TLS is passed through by its server name, requests not told apart"));
        yield denied(chain, null)
            ? trace.end(Outcome.DENIED)
            : delivery.deliver(tcp.clusters(), null);
      }
      case NetworkFilter.HttpConnection http -> http(chain, http);
    };
  }

  private Explanation http(FilterChain chain, NetworkFilter.HttpConnection http) {
    RouteTableConfig table =
        switch (http.routes()) {
          case Routes.Inline(var inline) -> inline;
          case Routes.Named(var name) -> {
            if (!(told.of(ResourceType.ROUTE).get(name) instanceof RouteTableConfig known)) {
              throw new IllegalStateException("no table " + name);
            }
            yield known;
          }
        };
    boolean tls = chain.tls().isPresent();
    trace.step(
        "listener",
        "port %d, HTTP%s, by the route table %s"
            .formatted(question.port(), tls ? " over TLS, which ends here" : "", table.name()));
    Routing routing = new Routing(trace, question, tls ? "https" : "http");
    if (denied(chain, routing.request())) {
      return trace.end(Outcome.DENIED);
    }
    return switch (routing.through(table)) {
      case Routing.Fate.Answered(var outcome) -> trace.end(outcome);
      case Routing.Fate.Forwarded(var clusters, var request) -> delivery.deliver(clusters, request);
    };
  }

  /** The gateway's own policies, which are asked before its routes. */
  private boolean denied(
      FilterChain chain,
      dev.meshctl.model.match.@org.jspecify.annotations.Nullable RequestView request) {
    ConnectionFacts facts =
        new ConnectionFacts(
            Scene.socket("0.0.0.0", question.port()),
            Scene.socket(question.source().isEmpty() ? SOMEBODY : question.source(), 0),
            false,
            "",
            List.of());
    Servers.Admission.Asked asked = Servers.ask(new InboundChain(chain).controls(), facts, request);
    asked.headers().forEach(trace::asked);
    if (!asked.policies().isEmpty()) {
      trace.policies(gateway.workload(), asked.policies());
    }
    return asked.denied();
  }
}
