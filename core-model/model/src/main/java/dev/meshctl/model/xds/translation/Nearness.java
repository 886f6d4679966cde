package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.Service;
import dev.meshctl.model.resource.Service.Distribution;
import dev.meshctl.model.xds.backing.Backend;
import dev.meshctl.model.xds.backing.Backend.State;
import dev.meshctl.model.xds.backing.Backends;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * Which endpoints a Service wants its clients to use, by where they are: {@code
 * internalTrafficPolicy} leaves others out; hints of EndpointSlices, and {@code
 * trafficDistribution}, put others behind. Hints count as kube-proxy counts them: where every ready
 * endpoint has some and one of them is for the client.
 */
final class Nearness {
  private Nearness() {}

  /** Something hangs on the client's zone. */
  static boolean byZone(Service service) {
    return service.distribution() != Distribution.ANY;
  }

  /** Something hangs on the client's node. */
  static boolean byNode(Service service) {
    return service.nodeLocal() || service.distribution() == Distribution.SAME_NODE;
  }

  /** Those that a client at {@code place} may use at all. */
  static List<Backend> allowed(Service service, ClientPlace place, List<Backend> backends) {
    if (!service.nodeLocal()) {
      return backends;
    }
    return Backends.lastResort(
        backends.stream()
            .filter(backend -> !place.node().isEmpty() && backend.node().equals(place.node()))
            .toList());
  }

  /** How far behind the nearest each is, from 0. */
  static ToIntFunction<Backend> levels(Service service, ClientPlace place, List<Backend> backends) {
    List<Backend> ready =
        backends.stream().filter(backend -> backend.state() == State.READY).toList();
    Predicate<Backend> forNode = backend -> backend.forNodes().contains(place.node());
    if (isHinted(ready, backend -> !backend.forNodes().isEmpty(), forNode)) {
      return backend -> forNode.test(backend) ? 0 : 1;
    }
    Predicate<Backend> forZone = backend -> backend.forZones().contains(place.locality().zone());
    if (isHinted(ready, backend -> !backend.forZones().isEmpty(), forZone)) {
      return backend -> forZone.test(backend) ? 0 : 1;
    }
    return switch (service.distribution()) {
      case ANY -> _ -> 0;
      case SAME_ZONE -> backend -> isInZone(backend, place) ? 0 : 1;
      case SAME_NODE ->
          backend -> {
            if (!place.node().isEmpty() && backend.node().equals(place.node())) {
              return 0;
            }
            return isInZone(backend, place) ? 1 : 2;
          };
    };
  }

  private static boolean isHinted(
      List<Backend> ready, Predicate<Backend> hinted, Predicate<Backend> forClient) {
    return ready.stream().allMatch(hinted) && ready.stream().anyMatch(forClient);
  }

  private static boolean isInZone(Backend backend, ClientPlace place) {
    return !place.locality().zone().isEmpty()
        && backend.instance().locality().zone().equals(place.locality().zone())
        && backend.instance().locality().region().equals(place.locality().region());
  }
}
