package dev.meshctl.model.explain;

import dev.meshctl.model.explain.Explanation.Candidate;
import dev.meshctl.model.explain.Explanation.Destination;
import dev.meshctl.model.explain.Explanation.Outcome;
import dev.meshctl.model.match.RequestView;
import dev.meshctl.model.resource.Sidecar;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.NetworkFilter.Routes;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.XdsSnapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
    return new RequestExplainer(Scene.of(mesh, running));
  }

  /**
   * The fate of one request.
   *
   * @throws UnknownSubject where the mesh has nobody of that name
   */
  public Explanation explain(Question question) {
    WorkloadInstance client = new Clients(scene).find(question.from());
    return new Way(question, client).whole();
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

    Way(Question question, WorkloadInstance client) {
      this.question = question;
      this.client = client;
      this.identity = scene.identity(client.namespace(), client.serviceAccount());
      this.sidecar = Scene.sidecar(client);
      this.told = scene.translation().snapshotFor(sidecar);
      this.upstreams = new Upstreams(scene, client, told);
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
      return deliver(whole, new Routing(trace, question).request());
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
          yield deliver(tcp.clusters(), null);
        }
      };
    }

    private Explanation http(NetworkFilter.HttpConnection http) {
      if (!(http.routes() instanceof Routes.Named(var name))
          || !(told.of(ResourceType.ROUTE).get(name) instanceof RouteTableConfig table)) {
        throw new IllegalStateException("no table for " + http.routes());
      }
      trace.step("listener", "HTTP, by the route table " + name);
      return switch (new Routing(trace, question).through(table)) {
        case Routing.Fate.Answered(var outcome) -> trace.end(outcome);
        case Routing.Fate.Forwarded(var clusters, var request) -> deliver(clusters, request);
      };
    }

    /**
     * @param request as the upstream gets it; null where requests are not told apart
     */
    private Explanation deliver(List<WeightedCluster> clusters, @Nullable RequestView request) {
      int sum = clusters.stream().mapToInt(WeightedCluster::weight).sum();
      List<ClusterConfig> known = new ArrayList<>();
      List<WeightedCluster> byShare =
          clusters.stream()
              .filter(cluster -> cluster.weight() > 0)
              .sorted(Comparator.comparingInt(WeightedCluster::weight).reversed())
              .toList();
      for (WeightedCluster weighted : byShare) {
        double percent = 100.0 * weighted.weight() / sum;
        Optional<ClusterConfig> cluster = upstreams.cluster(weighted.cluster());
        if (cluster.isEmpty()) {
          throw new IllegalStateException("the proxy is not told of " + weighted.cluster());
        }
        known.add(cluster.get());
        trace.destination(upstreams.destination(cluster.get(), percent));
      }
      Outcome outcome = Outcome.ROUTED;
      for (int i = 0; i < known.size(); i++) {
        Outcome fate = arrive(known.get(i), trace.destinations().get(i), request);
        if (i == 0) {
          // The likeliest: its fate is the request's.
          outcome = fate;
        }
      }
      return trace.end(outcome);
    }

    private Outcome arrive(
        ClusterConfig cluster, Destination destination, @Nullable RequestView request) {
      Optional<Candidate> first = Explanation.firstIn(destination.endpoints());
      if (first.isEmpty()) {
        boolean elsewhere =
            cluster.discovery() instanceof ClusterConfig.Discovery.OriginalDestination;
        trace.step(
            "endpoints",
            elsewhere
                ? destination.cluster() + ": to where the connection was going"
                : destination.cluster() + " has no endpoint: answered 503");
        return elsewhere ? Outcome.ROUTED : Outcome.REJECTED;
      }
      Optional<Endpoint> endpoint = upstreams.endpoint(cluster, first.get());
      Optional<WorkloadInstance> server =
          endpoint.flatMap(found -> scene.at(found.address().address()));
      if (endpoint.isEmpty() || server.isEmpty() || !server.get().inMesh()) {
        return Outcome.ROUTED;
      }
      boolean secure = client.inMesh() && secure(cluster.transport(), endpoint.get());
      return switch (new Servers(scene)
          .admit(
              server.get(), endpoint.get().address().port(), client, identity, secure, request)) {
        case Servers.Admission.NoChain(var reason) -> {
          trace.step("tls", server.get().workload() + ": " + reason);
          yield Outcome.REJECTED;
        }
        case Servers.Admission.Asked(var policies, var denied) -> {
          trace.policies(server.get().workload(), policies);
          yield denied ? Outcome.DENIED : Outcome.ROUTED;
        }
      };
    }

    private static boolean secure(ClusterConfig.Transport transport, Endpoint endpoint) {
      return switch (transport) {
        case ClusterConfig.Transport.Plaintext() -> false;
        case ClusterConfig.Transport.Tls(var tls) -> true;
        case ClusterConfig.Transport.Auto(var tls) -> endpoint.meshTls();
      };
    }
  }
}
