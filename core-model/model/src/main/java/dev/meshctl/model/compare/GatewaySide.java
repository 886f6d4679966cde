package dev.meshctl.model.compare;

import dev.meshctl.model.compare.AccessDifference.Client;
import dev.meshctl.model.compare.Difference.Change;
import dev.meshctl.model.compare.Difference.Example;
import dev.meshctl.model.compare.Difference.Where;
import dev.meshctl.model.compare.TableDifference.Half;
import dev.meshctl.model.explain.Explanation.Source;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.explain.Upstreams;
import dev.meshctl.model.match.CompiledRoutes;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.XdsSnapshot;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a gateway does with what comes from outside.
 *
 * <p>Thread: one.
 */
final class GatewaySide {
  private static final Fate CLOSED = Fate.of("answer", "nobody listens");
  private static final List<String> SCHEMES = List.of("http", "https");

  private final String name;
  private final Gatherer gatherer;
  private final Told was;
  private final Told is;

  /** What it is told, on one side. */
  private record Told(Scene scene, XdsSnapshot all, Targets targets) {
    static Told of(Scene scene, ProxyNode gateway) {
      XdsSnapshot all = scene.translation().snapshotFor(gateway);
      return new Told(
          scene,
          all,
          new Targets(scene, new Upstreams(scene, Upstreams.Client.ofGateway(gateway), all)));
    }

    Optional<ListenerConfig> at(int port) {
      return all.of(ResourceType.LISTENER).values().stream()
          .map(ListenerConfig.class::cast)
          .filter(listener -> listener.address().port() == port)
          .findFirst();
    }

    Half table(int port) {
      return new Half(
          at(port)
              .flatMap(ListenerFates::http)
              .map(chain -> (NetworkFilter.HttpConnection) chain.filter())
              .flatMap(http ->
                  http.routes() instanceof NetworkFilter.Routes.Named(var table)
                      ? Optional.ofNullable(
                          (RouteTableConfig) all.of(ResourceType.ROUTE).get(table))
                      : Optional.empty())
              .map(CompiledRoutes::of),
          targets,
          CLOSED);
    }

    Optional<Source> source(Fate fate) {
      return fate.origin().flatMap(origin -> scene.source(origin.resource(), origin.field()));
    }
  }

  GatewaySide(Scene before, Scene after, String name, ProxyNode gateway, Gatherer gatherer) {
    this.name = name;
    this.gatherer = gatherer;
    this.was = Told.of(before, gateway);
    this.is = Told.of(after, gateway);
  }

  void compare() {
    Set<Integer> ports = new TreeSet<>();
    for (Told told : List.of(was, is)) {
      told.all()
          .of(ResourceType.LISTENER)
          .values()
          .forEach(listener -> ports.add(((ListenerConfig) listener).address().port()));
    }
    for (int port : ports) {
      new TableDifference(
              was.table(port),
              is.table(port),
              "",
              SCHEMES,
              (sample, first, second) ->
                  gatherer.add(
                      Where.GATEWAYS,
                      Set.of(name),
                      example(port, sample, ""),
                      first.changes(second),
                      first.kinds(second),
                      was.source(first),
                      is.source(second)),
              gatherer.limits())
          .find();
      connections(port);
      access(port);
    }
  }

  private Example example(int port, Sample sample, String source) {
    String authority = sample.authority();
    int colon = authority.lastIndexOf(':');
    String host = colon < 0 ? authority : authority.substring(0, colon);
    Map<String, String> headers = new LinkedHashMap<>(sample.headers());
    if (colon >= 0 && !authority.equals(host + ":" + port)) {
      headers.put("host", authority);
    }
    return new Example(name, source, host + ":" + port, sample.method(), sample.path(), headers);
  }

  /** A port of HTTP that only one side has is compared by its table. */
  private void connections(int port) {
    Map<String, Fate> first = fates(was, port);
    Map<String, Fate> second = fates(is, port);
    Set<String> kinds = new LinkedHashSet<>(first.keySet());
    kinds.addAll(second.keySet());
    for (String kind : kinds) {
      Fate one = first.getOrDefault(kind, CLOSED);
      Fate other = second.getOrDefault(kind, CLOSED);
      boolean byTable =
          (one == CLOSED && "HTTP".equals(other.traits().get("as")))
              || (other == CLOSED && "HTTP".equals(one.traits().get("as")));
      List<Change> changes = byTable ? List.of() : one.changes(other);
      if (!changes.isEmpty()) {
        gatherer.add(
            Where.GATEWAYS,
            Set.of(name),
            new Example(
                name,
                "",
                (kind.startsWith("TLS to ") ? kind.substring("TLS to ".length()) : "*")
                    + ":"
                    + port,
                "",
                "",
                Map.of()),
            changes,
            one.kinds(other),
            Optional.empty(),
            Optional.empty());
      }
    }
  }

  private static Map<String, Fate> fates(Told told, int port) {
    return told.at(port)
        .map(listener -> ListenerFates.of(listener, told.targets()))
        .orElse(Map.of());
  }

  private void access(int port) {
    Optional<ListenerConfig> first = was.at(port);
    Optional<ListenerConfig> second = is.at(port);
    if (first.isEmpty() || second.isEmpty()) {
      return;
    }
    AccessDifference difference =
        new AccessDifference(
            half(first.get()),
            half(second.get()),
            ListenerFates.http(first.get()).isPresent()
                && ListenerFates.http(second.get()).isPresent(),
            gatherer.limits());
    if (difference.isSame()) {
      return;
    }
    List<String> authorities =
        Authorities.of(
            List.of(was, is).stream()
                .flatMap(told -> told.table(port).table().stream())
                .map(CompiledRoutes::config)
                .toList());
    difference.find(
        new Client(
            new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), port),
            false,
            List.of(),
            List.of()),
        authorities,
        SCHEMES,
        (sample, source, before, after) ->
            gatherer.add(
                Where.GATEWAYS,
                Set.of(name),
                sample == null
                    ? new Example(name, source, "*:" + port, "", "", Map.of())
                    : example(port, sample, source),
                List.of(new Change("access", before.words(), after.words())),
                List.of(new Change("access", before.words(), after.words())),
                was.scene().rule(before.policy()),
                is.scene().rule(after.policy())));
  }

  private static AccessDifference.Half half(ListenerConfig listener) {
    return new AccessDifference.Half(Optional.of(ListenerFates.controls(listener)), "");
  }
}
