package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.HttpRoute;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ParentRef;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.source.Located;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Finds what a host name means and which resources govern it. */
final class SplitLookup {
  private final List<Located<? extends MeshResource>> resources;
  private final ServiceRegistry services;

  SplitLookup(List<Located<? extends MeshResource>> resources) {
    this.resources = resources;
    this.services = ServiceRegistry.of(plain());
  }

  ServiceRegistry services() {
    return services;
  }

  List<MeshResource> plain() {
    List<MeshResource> plain = new ArrayList<>();
    resources.forEach(located -> plain.add(located.resource()));
    return plain;
  }

  /** Full names that a host as typed may mean, in order; those that something serves. */
  List<String> meanings(String typed, String namespace) {
    String host = typed.toLowerCase(Locale.ROOT);
    TreeSet<String> full = new TreeSet<>();
    for (MeshService service : services.all()) {
      String inNamespace = service.name() + "." + service.namespace();
      boolean isNamed =
          service.hostname().equals(host)
              || host.equals(inNamespace)
              || host.equals(inNamespace + ".svc")
              || (host.equals(service.name())
                  && service.hostname().startsWith(inNamespace + ".svc."));
      if (isNamed && (namespace.isEmpty() || namespace.equals(service.namespace()))) {
        full.add(service.hostname());
      }
    }
    if (full.isEmpty() && (host.contains(".") || host.equals(HostNames.ANY))) {
      boolean served = services.find(host).isPresent() || gatewayHosts().anyMatch(host::equals);
      if (served || !governing(host).isEmpty()) {
        full.add(host);
      }
    }
    return List.copyOf(full);
  }

  /** The resources that govern a full host name; of several, only the most specific. */
  List<Located<? extends MeshResource>> governing(String host) {
    Map<Located<? extends MeshResource>, String> found = new LinkedHashMap<>();
    for (Located<? extends MeshResource> located : resources) {
      claim(located.resource(), host).ifPresent(pattern -> found.put(located, pattern));
    }
    Optional<String> best = found.values().stream().min(HostNames.MOST_SPECIFIC_FIRST);
    return found.entrySet().stream()
        .filter(entry -> best.isPresent() && entry.getValue().equals(best.get()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Where the Service or ServiceEntry of a host is declared. */
  Optional<Located<? extends MeshResource>> declaration(String host) {
    return services
        .find(host)
        .flatMap(service ->
            resources.stream()
                .filter(l -> l.resource().metadata().namespace().equals(service.namespace()))
                .filter(l -> l.resource().metadata().name().equals(service.name()))
                .filter(l -> List.of("Service", "ServiceEntry").contains(l.resource().kind()))
                .min(Comparator.comparing(l -> l.resource().kind())));
  }

  /** Hosts that can be asked for, as people type them. */
  List<String> knownHosts() {
    TreeSet<String> known = new TreeSet<>();
    for (MeshService service : services.all()) {
      boolean isService =
          service.hostname().equals(HostNames.ofService(service.namespace(), service.name()));
      known.add(isService ? service.name() : service.hostname());
    }
    gatewayHosts().forEach(known::add);
    return List.copyOf(known);
  }

  private Stream<String> gatewayHosts() {
    return resources.stream()
        .map(Located::resource)
        .flatMap(resource ->
            switch (resource) {
              case VirtualService virtualService ->
                  virtualService.hosts().stream().filter(host -> host.contains("."));
              case HttpRoute route -> route.hostnames().stream();
              case KubernetesGateway gateway ->
                  gateway.listeners().stream()
                      .map(KubernetesGateway.Listener::hostname)
                      .filter(host -> !host.isEmpty());
              default -> Stream.empty();
            });
  }

  /** The pattern by which a resource claims a host; {@code *} claims only itself. */
  private static Optional<String> claim(MeshResource resource, String host) {
    Stream<String> patterns =
        switch (resource) {
          case VirtualService virtualService -> MeshRoutes.fullHosts(virtualService).stream();
          case HttpRoute route ->
              Stream.concat(
                  route.hostnames().stream().map(name -> name.toLowerCase(Locale.ROOT)),
                  route.parents().stream()
                      .filter(parent -> parent.kind() == ParentRef.Kind.SERVICE)
                      .map(parent -> HostNames.ofService(parent.namespace(), parent.name())));
          default -> Stream.empty();
        };
    return patterns
        .filter(pattern -> HostNames.matches(pattern, host))
        .filter(pattern -> !pattern.equals(HostNames.ANY) || host.equals(HostNames.ANY))
        .min(HostNames.MOST_SPECIFIC_FIRST);
  }
}
