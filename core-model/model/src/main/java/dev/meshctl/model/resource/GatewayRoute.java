package dev.meshctl.model.resource;

import java.util.List;

/** A route of the Gateway API, whatever it routes. */
public sealed interface GatewayRoute extends MeshResource
    permits HttpRoute, GrpcRoute, TlsRoute, TcpRoute {
  /** {@code parentRefs}. */
  List<ParentRef> parents();

  /** Empty for any. */
  List<String> hostnames();

  /** Names of its rules, in order; empty where they have none. */
  List<String> ruleNames();

  /** Filters of its rules that are not known here. */
  default List<NamedFilter> unknownFilters() {
    return List.of();
  }

  /**
   * A filter and where it is.
   *
   * @param field {@code spec.rules[0].filters[1]}
   */
  record NamedFilter(String field, HttpRoute.Filter.Unknown filter) {}

  /** Everything it sends traffic to, mirrors too. */
  List<NamedBackend> backends();

  /**
   * A backend and where it is named.
   *
   * @param field {@code spec.rules[0].backendRefs[1]}
   */
  record NamedBackend(String field, BackendRef ref) {}
}
