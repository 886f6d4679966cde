package dev.meshctl.model.explain;

import dev.meshctl.model.explain.Explanation.Candidate;
import dev.meshctl.model.explain.Explanation.Destination;
import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.traffic.DestinationRules;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterNames;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.UpstreamTls;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.model.xds.backing.Backend;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a cluster comes to for one client: its replicas, who of them is in, and how it is secured.
 *
 * <p>Threads: any; immutable.
 */
public final class Upstreams {
  private final Scene scene;
  private final Client client;
  private final XdsSnapshot told;

  /**
   * Who asks.
   *
   * @param hasProxy false where the client goes by itself, in the clear
   * @param node of the cluster that it runs on; empty where that is not known
   */
  public record Client(
      String namespace, boolean hasProxy, String node, Map<String, String> labels) {
    public Client {
      labels = Map.copyOf(labels);
    }

    static Client of(Scene scene, WorkloadInstance instance) {
      return new Client(
          instance.namespace(),
          instance.inMesh(),
          scene
              .backends()
              .named(instance.namespace(), instance.name())
              .map(Backend::node)
              .orElse(""),
          instance.labels());
    }

    /** A gateway, wherever it runs. */
    public static Client ofGateway(ProxyNode gateway) {
      return new Client(gateway.namespace(), true, "", gateway.labels());
    }
  }

  /**
   * @param told what the client's proxy is told
   */
  public Upstreams(Scene scene, WorkloadInstance client, XdsSnapshot told) {
    this(scene, Client.of(scene, client), told);
  }

  /** As for a workload. */
  public Upstreams(Scene scene, Client client, XdsSnapshot told) {
    this.scene = scene;
    this.client = client;
    this.told = told;
  }

  /** Empty where the proxy has no such cluster. */
  public Optional<ClusterConfig> cluster(String name) {
    return Optional.ofNullable((ClusterConfig) told.of(ResourceType.CLUSTER).get(name));
  }

  /** The cluster of all replicas behind a port of a service. */
  public Optional<ClusterConfig> ofPort(String hostname, int port) {
    return told.of(ResourceType.CLUSTER).values().stream()
        .map(ClusterConfig.class::cast)
        .filter(cluster ->
            cluster.service().host().equals(hostname)
                && cluster.service().subset().isEmpty()
                && port(cluster.name()) == port)
        .findFirst();
  }

  /** Where {@code percent} of some requests go, by that cluster. */
  public Destination destination(ClusterConfig cluster, double percent) {
    ClusterConfig.ServiceRef service = cluster.service();
    return new Destination(
        cluster.name(),
        service.host(),
        service.subset(),
        port(cluster.name()),
        percent,
        client.hasProxy() ? words(cluster.transport()) : "none",
        candidates(cluster));
  }

  /** The DestinationRule that speaks of a cluster, at its subset where it has one. */
  Optional<Explanation.Source> rule(ClusterConfig cluster) {
    return scene
        .services()
        .find(cluster.service().host())
        .flatMap(service -> scene.rules().forHost(service, client.namespace(), client.labels()))
        .flatMap(rule ->
            subset(rule, cluster.service().subset()).or(() -> scene.source(rule.id(), "spec")));
  }

  /** Rules of one host are joined, so the subset may be that of another one than the first. */
  private Optional<Explanation.Source> subset(DestinationRule joined, String name) {
    Comparator<DestinationRule> firstOfAll =
        Comparator.comparing(rule -> !rule.id().equals(joined.id()));
    for (DestinationRule rule :
        scene.mesh().all(DestinationRule.class).stream().sorted(firstOfAll).toList()) {
      boolean ofOneHost =
          rule.metadata().namespace().equals(joined.metadata().namespace())
              && DestinationRules.fullHost(rule).equals(DestinationRules.fullHost(joined));
      for (int i = 0; ofOneHost && i < rule.subsets().size(); i++) {
        if (rule.subsets().get(i).name().equals(name)) {
          return scene.source(rule.id(), "spec.subsets[" + i + "]");
        }
      }
    }
    return Optional.empty();
  }

  /** 0 where the name of the cluster tells of none. */
  private static int port(String cluster) {
    return ClusterNames.outboundPort(cluster).orElse(0);
  }

  /** Whether a connection of a client's proxy to an endpoint is over TLS. */
  public static boolean secure(Transport transport, Endpoint endpoint) {
    return switch (transport) {
      case Transport.Plaintext() -> false;
      case Transport.Tls(var tls) -> true;
      case Transport.Auto(var tls) -> endpoint.meshTls();
    };
  }

  private static String words(Transport transport) {
    return switch (transport) {
      case Transport.Plaintext() -> "none";
      case Transport.Tls(var tls) -> words(tls);
      case Transport.Auto(var tls) ->
          words(tls) + ", to replicas that have a sidecar; none to others";
    };
  }

  private static String words(UpstreamTls tls) {
    String who =
        tls.serverSans().isEmpty()
            ? "whoever the trust bundle knows"
            : String.join(" or ", tls.serverSans());
    return (tls.certificateSecret().isEmpty() ? "TLS" : "mutual TLS") + ", the server is " + who;
  }

  /** The endpoint behind a candidate that is in. */
  Optional<Endpoint> endpoint(ClusterConfig cluster, Candidate candidate) {
    return assignment(cluster).stream()
        .flatMap(all -> all.localities().stream())
        .flatMap(locality -> locality.endpoints().stream())
        .filter(endpoint -> address(endpoint).equals(candidate.address()))
        .findFirst();
  }

  /** The endpoints of a cluster; empty where it goes to wherever the connection was going. */
  public Optional<LoadAssignment> assignment(ClusterConfig cluster) {
    return switch (cluster.discovery()) {
      case Discovery.Eds(var name) ->
          Optional.ofNullable((LoadAssignment) told.of(ResourceType.ENDPOINTS).get(name));
      case Discovery.Static(var endpoints) -> Optional.of(endpoints);
      case Discovery.StrictDns(var names) -> Optional.of(names);
      case Discovery.OriginalDestination() -> Optional.empty();
    };
  }

  private static String address(Endpoint endpoint) {
    return endpoint.address().toString();
  }

  /** Those that the proxy has, then those of the service that it does not have, with why. */
  private List<Candidate> candidates(ClusterConfig cluster) {
    List<Candidate> all = new ArrayList<>();
    Set<String> in = new HashSet<>();
    for (LocalityEndpoints locality :
        assignment(cluster).map(LoadAssignment::localities).orElse(List.of())) {
      for (Endpoint endpoint : locality.endpoints()) {
        Optional<WorkloadInstance> instance = scene.at(endpoint.address().address());
        in.add(endpoint.address().address());
        all.add(
            new Candidate(
                instance.map(WorkloadInstance::name).orElse(endpoint.address().address()),
                address(endpoint),
                locality.locality().zone(),
                locality.priority(),
                true,
                ""));
      }
    }
    Optional<MeshService> service = scene.services().find(cluster.service().host());
    if (service.isPresent() && cluster.discovery() instanceof Discovery.Eds) {
      for (Backend backend : scene.backends().of(service.get())) {
        WorkloadInstance instance = backend.instance();
        if (in.add(instance.address())) {
          all.add(
              new Candidate(
                  instance.name(),
                  instance.address(),
                  instance.locality().zone(),
                  0,
                  false,
                  whyOut(backend, service.get(), cluster.service().subset())));
        }
      }
    }
    return all;
  }

  private String whyOut(Backend backend, MeshService service, String subset) {
    WorkloadInstance instance = backend.instance();
    switch (backend.state()) {
      case NOT_READY -> {
        return "not ready";
      }
      case LEAVING -> {
        return "it ends, and others are ready";
      }
      case READY, LAST_RESORT -> {}
    }
    boolean nodeLocal = scene.backends().service(service).filter(Service::nodeLocal).isPresent();
    if (nodeLocal && (client.node().isEmpty() || !client.node().equals(backend.node()))) {
      return "not on the client's node, and internalTrafficPolicy is Local";
    }
    Map<String, String> wanted =
        scene
            .rules()
            .subset(service, client.namespace(), client.labels(), subset)
            .map(DestinationRule.Subset::labels)
            .orElse(Map.of());
    for (Map.Entry<String, String> label : wanted.entrySet()) {
      String has = instance.labels().get(label.getKey());
      if (!label.getValue().equals(has)) {
        return "not of subset "
            + subset
            + ": label "
            + label.getKey()
            + (has == null ? " is absent" : " is " + has)
            + " (wanted: "
            + label.getValue()
            + ")";
      }
    }
    return "it does not listen for this port";
  }
}
