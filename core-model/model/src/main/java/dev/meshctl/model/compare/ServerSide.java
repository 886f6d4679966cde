package dev.meshctl.model.compare;

import dev.meshctl.model.compare.AccessDifference.Client;
import dev.meshctl.model.compare.AccessDifference.Half;
import dev.meshctl.model.compare.Difference.Change;
import dev.meshctl.model.compare.Difference.Example;
import dev.meshctl.model.compare.Difference.Where;
import dev.meshctl.model.compare.Proxies.Workload;
import dev.meshctl.model.explain.InboundChain;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.XdsSnapshot;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whom the sidecars of a workload let in.
 *
 * <p>Thread: one.
 */
final class ServerSide {
  private final Scene before;
  private final Scene after;
  private final Workload server;
  private final List<Caller> callers;
  private final Gatherer gatherer;
  private final XdsSnapshot was;
  private final XdsSnapshot is;

  /**
   * Somebody who may come.
   *
   * @param name {@code NAMESPACE/NAME}
   * @param before identity, likewise {@code after}
   */
  record Caller(String name, String before, String after) {}

  ServerSide(Scene before, Scene after, Workload server, List<Caller> callers, Gatherer gatherer) {
    this.before = before;
    this.after = after;
    this.server = server;
    // Its own requests to itself are the last that somebody thinks of.
    this.callers =
        callers.stream()
            .sorted(Comparator.comparing(caller -> caller.name().equals(server.name())))
            .toList();
    this.gatherer = gatherer;
    this.was = before.translation().snapshotFor(Scene.sidecar(server.before()));
    this.is = after.translation().snapshotFor(Scene.sidecar(server.after()));
  }

  void compare() {
    Set<Integer> ports = new TreeSet<>(ports(was));
    ports.retainAll(ports(is));
    for (int port : ports) {
      Optional<Service> service = service(port);
      if (service.isPresent()) {
        compare(port, service.get(), true);
        compare(port, service.get(), false);
      }
    }
  }

  private static Set<Integer> ports(XdsSnapshot told) {
    Set<Integer> ports = new TreeSet<>();
    if (told.of(ResourceType.LISTENER).get("virtualInbound") instanceof ListenerConfig listener) {
      listener.chains().forEach(chain -> ports.add(chain.match().destinationPort()));
    }
    ports.remove(0);
    return ports;
  }

  /** By which others reach a port. */
  private record Service(MeshService service, int port) {
    List<String> authorities() {
      String qualified = service.name() + "." + service.namespace();
      List<String> all = new ArrayList<>();
      for (String name :
          List.of(qualified, service.name(), qualified + ".svc", service.hostname())) {
        all.add(name + ":" + port);
      }
      for (String name :
          List.of(qualified, service.name(), qualified + ".svc", service.hostname())) {
        all.add(name);
      }
      return all;
    }
  }

  private Optional<Service> service(int port) {
    WorkloadInstance instance = server.after();
    for (MeshService service : after.services().all()) {
      if (!service.namespace().equals(instance.namespace())
          || !service.selects(instance.labels())) {
        continue;
      }
      for (MeshService.Port known : service.ports()) {
        int target =
            switch (known.target()) {
              case PortRef.Number(int number) -> number;
              case PortRef.Name(String name) -> instance.namedPorts().getOrDefault(name, 0);
            };
        if (target == port) {
          return Optional.of(new Service(service, known.number()));
        }
      }
    }
    return Optional.empty();
  }

  private void compare(int port, Service service, boolean secure) {
    Optional<InboundChain> first = InboundChain.find(was, port, secure);
    Optional<InboundChain> second = InboundChain.find(is, port, secure);
    if (secure && (first.isEmpty() || second.isEmpty())) {
      // Callers notice by themselves: they do not speak TLS to a port that takes none.
      return;
    }
    AccessDifference difference =
        new AccessDifference(
            half(first),
            half(second),
            first.or(() -> second).filter(InboundChain::isHttp).isPresent()
                && second.or(() -> first).filter(InboundChain::isHttp).isPresent(),
            gatherer.limits());
    InetSocketAddress destination = Scene.socket(server.after().address(), port);
    if (!secure) {
      if (!difference.isSame()) {
        find(difference, new Client(destination, false, List.of(), List.of()), "", service);
      }
      return;
    }
    for (Caller caller : callers) {
      Client client =
          new Client(destination, true, List.of(caller.before()), List.of(caller.after()));
      if (!client.isSame() || !difference.isSame()) {
        find(difference, client, caller.name(), service);
      }
    }
  }

  private static Half half(Optional<InboundChain> chain) {
    return new Half(
        chain.map(InboundChain::controls), "its port takes mutual TLS only, this is in the clear");
  }

  private void find(AccessDifference difference, Client client, String from, Service service) {
    List<String> authorities = service.authorities();
    difference.find(
        client,
        authorities,
        List.of("http"),
        (sample, source, first, second) -> {
          List<Change> changes = List.of(new Change("access", first.words(), second.words()));
          gatherer.add(
              Where.SERVERS,
              Set.of(server.name()),
              example(from, source, authorities.getFirst(), sample),
              changes,
              changes,
              before.rule(first.policy()),
              after.rule(second.policy()));
        });
  }

  private static Example example(
      String from, String source, String to, @org.jspecify.annotations.Nullable Sample sample) {
    if (sample == null) {
      return new Example(from, source, to, "", "", Map.of());
    }
    Map<String, String> headers = new LinkedHashMap<>(sample.headers());
    if (!sample.authority().equals(to)) {
      headers.put("host", sample.authority());
    }
    return new Example(from, source, to, sample.method(), sample.path(), headers);
  }
}
