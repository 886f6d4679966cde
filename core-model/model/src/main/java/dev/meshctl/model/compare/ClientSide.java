package dev.meshctl.model.compare;

import dev.meshctl.model.compare.Difference.Example;
import dev.meshctl.model.compare.Difference.Where;
import dev.meshctl.model.compare.Proxies.Workload;
import dev.meshctl.model.compare.TableDifference.Half;
import dev.meshctl.model.explain.Explanation.Source;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.explain.Upstreams;
import dev.meshctl.model.match.CompiledRoutes;
import dev.meshctl.model.resource.Sidecar;
import dev.meshctl.model.traffic.HostNames;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.XdsSnapshot;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What sidecars that are told the same do with what their workloads send.
 *
 * <p>Thread: one.
 */
final class ClientSide {
  private static final Fate PASSES = Fate.of("answer", "passes as it is, to where its name leads");
  private static final Fate CLOSED = Fate.of("answer", "the connection is closed (REGISTRY_ONLY)");

  private final Scene before;
  private final Scene after;
  private final List<Workload> workloads;
  private final Gatherer gatherer;
  private final Set<String> names;
  private final Told was;
  private final Told is;

  /** What one of the workloads is told, on one side. */
  private record Told(Scene scene, WorkloadInstance client, XdsSnapshot all, Targets targets) {
    static Told of(Scene scene, WorkloadInstance client) {
      XdsSnapshot all = scene.translation().snapshotFor(Scene.sidecar(client));
      return new Told(scene, client, all, new Targets(scene, new Upstreams(scene, client, all)));
    }

    Half table(String name) {
      return new Half(
          Optional.ofNullable((RouteTableConfig) all.of(ResourceType.ROUTE).get(name))
              .map(CompiledRoutes::of),
          targets,
          unknown());
    }

    /** What becomes of what the proxy knows nothing of. */
    Fate unknown() {
      return scene
          .translation()
          .sidecar(Scene.sidecar(client))
          .flatMap(Sidecar::outboundTraffic)
          .filter(outbound -> outbound.mode() == Sidecar.Mode.REGISTRY_ONLY)
          .map(outbound -> CLOSED)
          .orElse(PASSES);
    }

    Optional<Source> source(Fate fate) {
      return fate.origin().flatMap(origin -> scene.source(origin.resource(), origin.field()));
    }

    Map<String, Fate> fates(MeshService service, int port) {
      return scene
          .services()
          .find(service.hostname())
          .flatMap(own -> scene.translation().outbound(Scene.sidecar(client), own, port))
          .map(listener -> ListenerFates.of(listener, targets))
          .orElse(Map.of());
    }

    boolean hasHttp(String hostname, int port) {
      return scene
          .services()
          .find(hostname)
          .flatMap(service -> scene.translation().outbound(Scene.sidecar(client), service, port))
          .flatMap(ListenerFates::http)
          .isPresent();
    }
  }

  ClientSide(Scene before, Scene after, List<Workload> workloads, Gatherer gatherer) {
    this.before = before;
    this.after = after;
    this.workloads = workloads;
    this.gatherer = gatherer;
    this.names =
        workloads.stream().map(Workload::name).collect(Collectors.toCollection(TreeSet::new));
    this.was = Told.of(before, workloads.getFirst().before());
    this.is = Told.of(after, workloads.getFirst().after());
  }

  void compare() {
    Set<String> tables = new TreeSet<>(was.all().of(ResourceType.ROUTE).keySet());
    tables.addAll(is.all().of(ResourceType.ROUTE).keySet());
    for (String table : tables) {
      new TableDifference(
              was.table(table),
              is.table(table),
              ":" + table,
              List.of("http"),
              (sample, first, second) -> request(Integer.parseInt(table), sample, first, second),
              gatherer.limits())
          .find();
    }
    Map<String, MeshService> services = new TreeMap<>();
    after.services().all().forEach(service -> services.put(service.hostname(), service));
    before.services().all().forEach(service -> services.putIfAbsent(service.hostname(), service));
    services.values().forEach(this::connections);
    if (!was.unknown().equals(is.unknown())) {
      connection("outside.example:443", was.unknown(), is.unknown());
    }
  }

  private void request(int port, Sample sample, Fate first, Fate second) {
    Optional<Example> example = example(port, sample);
    if (example.isPresent()) {
      gatherer.add(
          Where.CLIENTS,
          names,
          example.get(),
          first.changes(second),
          first.kinds(second),
          was.source(first),
          is.source(second));
    }
  }

  /**
   * As somebody would send it; empty where nobody can, because no service leads to the table on
   * both sides and the name is none of a service.
   */
  private Optional<Example> example(int port, Sample sample) {
    String authority = sample.authority();
    String host =
        authority.contains(":") ? authority.substring(0, authority.indexOf(':')) : authority;
    Map<String, String> headers = new LinkedHashMap<>(sample.headers());
    String to = host + ":" + port;
    if (!leads(was, host, port) && !leads(is, host, port)) {
      Optional<MeshService> through =
          is.scene().services().all().stream()
              .filter(service -> !HostNames.isWildcard(service.hostname()))
              .filter(service -> is.hasHttp(service.hostname(), port))
              .filter(service -> was.hasHttp(service.hostname(), port))
              .findFirst();
      if (through.isEmpty()) {
        return Optional.empty();
      }
      to = through.get().hostname() + ":" + port;
    }
    if (!authority.equals(to)) {
      headers.put("host", authority);
    }
    return Optional.of(
        new Example(workloads.getFirst().name(), "", to, sample.method(), sample.path(), headers));
  }

  private static boolean leads(Told told, String host, int port) {
    return told.scene()
        .services()
        .named(host, told.client().namespace())
        .filter(service -> told.hasHttp(service.hostname(), port))
        .isPresent();
  }

  /** Requests to a service that only one side has are compared by its table. */
  private void connections(MeshService service) {
    for (MeshService.Port port : service.ports()) {
      Map<String, Fate> first = was.fates(service, port.number());
      Map<String, Fate> second = is.fates(service, port.number());
      Set<String> kinds = new LinkedHashSet<>(first.keySet());
      kinds.addAll(second.keySet());
      for (String kind : kinds) {
        Fate one = first.getOrDefault(kind, fallback(first, was));
        Fate other = second.getOrDefault(kind, fallback(second, is));
        boolean byTable = isHttp(one) != isHttp(other) && (first.isEmpty() || second.isEmpty());
        if (!byTable && !one.changes(other).isEmpty()) {
          connection(service.hostname() + ":" + port.number(), one, other);
        }
      }
    }
  }

  private void connection(String to, Fate first, Fate second) {
    gatherer.add(
        Where.CLIENTS,
        names,
        new Example(workloads.getFirst().name(), "", to, "", "", Map.of()),
        first.changes(second),
        first.kinds(second),
        Optional.empty(),
        Optional.empty());
  }

  private static Fate fallback(Map<String, Fate> fates, Told told) {
    Fate any = fates.getOrDefault("any other", fates.get("any"));
    return any == null ? told.unknown() : any;
  }

  private static boolean isHttp(Fate fate) {
    return "HTTP".equals(fate.traits().get("as"));
  }
}
