package dev.meshctl.model.explain;

import dev.meshctl.model.explain.Explanation.Outcome;
import dev.meshctl.model.resource.Sidecar;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.NetworkFilter.Routes;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.XdsSnapshot;
import java.util.List;
import java.util.Optional;

/**
 * Answers what becomes of a request between workloads, by the translation and the compiled tables
 * of the proxies themselves.
 *
 * <p>Threads: any; immutable.
 */
public final class RequestExplainer {
  private final Scene scene;

  private RequestExplainer(Scene scene) {
    this.scene = scene;
  }

  /**
   * @param running what runs; empty takes the replicas that workloads ask for
   */
  public static RequestExplainer of(ValidatedMesh mesh, Optional<MeshInventory> running) {
    return of(Scene.of(mesh, running));
  }

  public static RequestExplainer of(Scene scene) {
    return new RequestExplainer(scene);
  }

  /**
   * The fate of one request.
   *
   * @throws UnknownSubject where the mesh has nobody of that name
   */
  public Explanation explain(Question question) {
    Clients clients = new Clients(scene);
    Optional<ProxyNode> gateway =
        clients.has(question.from())
            ? Optional.empty()
            : Gateways.named(scene.mesh(), question.from());
    return gateway.isPresent()
        ? new GatewayWay(scene, question, gateway.get()).whole()
        : new Way(question, clients.find(question.from())).whole();
  }

  /** One request on its way. */
  private final class Way {
    private final Question question;
    private final WorkloadInstance client;
    private final String identity;
    private final ProxyNode sidecar;
    private final XdsSnapshot told;
    private final Upstreams upstreams;
    private final Trace trace = new Trace(scene);
    private final Delivery delivery;

    Way(Question question, WorkloadInstance client) {
      this.question = question;
      this.client = client;
      this.identity = scene.identity(client.namespace(), client.serviceAccount());
      this.sidecar = Scene.sidecar(client);
      this.told = scene.translation().snapshotFor(sidecar);
      this.upstreams = new Upstreams(scene, client, told);
      this.delivery =
          new Delivery(
              scene,
              trace,
              upstreams,
              new Caller(
                  identity,
                  client.inMesh(),
                  question.source().isEmpty() ? client.address() : question.source()));
    }

    Explanation whole() {
      if (scene.guessed()) {
        trace.step("mesh", "nothing is known to run: replicas are those that workloads ask for");
      }
      trace.step(
          "client", "%s in %s is %s".formatted(client.workload(), client.namespace(), identity));
      Optional<MeshService> service = scene.services().named(question.host(), client.namespace());
      if (service.isEmpty()) {
        return unknown("no service of the mesh is called " + question.host());
      }
      Optional<ListenerConfig> listener =
          scene.translation().outbound(sidecar, service.get(), question.port());
      trace.service(service.get().hostname());
      if (listener.isEmpty()) {
        return unknown(whyUnknown(service.get()));
      }
      trace.step("service", "it is " + service.get().hostname() + ", port " + question.port());
      return client.inMesh() ? filter(listener.get()) : unaided(service.get());
    }

    private String whyUnknown(MeshService service) {
      if (service.port(question.port()).isEmpty()) {
        return "%s has no port %d (it has: %s)"
            .formatted(service.hostname(), question.port(), ports(service));
      }
      return service.hostname()
          + scene
              .translation()
              .sidecar(sidecar)
              .map(scope -> " is not let in by " + scope.id())
              .orElse(" is not exported to " + client.namespace());
    }

    /** What the proxy knows nothing of passes as if it were not there, or ends at it. */
    private Explanation unknown(String why) {
      if (client.inMesh() && refusesUnknown()) {
        trace.step("service", why + ": the connection is closed (REGISTRY_ONLY)");
        return trace.end(Outcome.REJECTED);
      }
      trace.step("service", why + ": the connection passes as it is");
      return trace.end(Outcome.NO_ROUTE);
    }

    private boolean refusesUnknown() {
      return scene.translation().outboundTraffic(sidecar).mode() == Sidecar.Mode.REGISTRY_ONLY;
    }

    /** Straight to the service's address, in the clear, by nobody's rules. */
    private Explanation unaided(MeshService service) {
      trace.step("listener", client.name() + " has no sidecar: no rule of the mesh speaks of it");
      List<WeightedCluster> whole =
          upstreams.ofPort(service.hostname(), question.port()).stream()
              .map(cluster -> WeightedCluster.only(cluster.name()))
              .toList();
      return delivery.deliver(whole, new Routing(trace, question, "http").request());
    }

    private static String ports(MeshService service) {
      return String.join(
          ", ", service.ports().stream().map(port -> Integer.toString(port.number())).toList());
    }

    private Explanation filter(ListenerConfig listener) {
      NetworkFilter filter =
          listener.chains().stream()
              .map(FilterChain::filter)
              .filter(NetworkFilter.HttpConnection.class::isInstance)
              .findFirst()
              .or(() -> listener.defaultChain().map(FilterChain::filter))
              .orElseGet(() -> listener.chains().getFirst().filter());
      return switch (filter) {
        case NetworkFilter.HttpConnection http -> http(http);
        case NetworkFilter.TcpProxy tcp -> {
          trace.step(
              "listener",
              "its port is not HTTP: connections are passed on, requests not told apart");
          yield delivery.deliver(tcp.clusters(), null);
        }
      };
    }

    private Explanation http(NetworkFilter.HttpConnection http) {
      if (!(http.routes() instanceof Routes.Named(var name))
          || !(told.of(ResourceType.ROUTE).get(name) instanceof RouteTableConfig table)) {
        throw new IllegalStateException("no table for " + http.routes());
      }
      trace.step("listener", "HTTP, by the route table " + name);
      return switch (new Routing(trace, question, "http").through(table)) {
        case Routing.Fate.Answered(var outcome) -> trace.end(outcome);
        case Routing.Fate.Forwarded(var clusters, var request) ->
            delivery.deliver(clusters, request);
      };
    }
  }
}
