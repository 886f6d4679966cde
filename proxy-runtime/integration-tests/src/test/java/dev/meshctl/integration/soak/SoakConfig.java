package dev.meshctl.integration.soak;

import dev.meshctl.integration.judges.ProxyProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * The proxy's configuration: routes and endpoints lie in files of their own, which it watches.
 *
 * @param folder for the files
 */
record SoakConfig(Path folder, List<Integer> upstreams) {
  /** The header that says through which version of the routes a request came. */
  static final String VERSION = "x-version";

  private Path routes() {
    return folder.resolve("routes.yaml");
  }

  private Path endpoints() {
    return folder.resolve("endpoints.yaml");
  }

  /** Routes that differ from those of every other version. */
  void pushRoutes(long version) throws IOException {
    put(routes(), ROUTES.formatted(version));
  }

  /** All upstreams but one. */
  void pushEndpointsWithout(int leftOut) throws IOException {
    StringBuilder list = new StringBuilder();
    for (int i = 0; i < upstreams.size(); i++) {
      if (i != leftOut) {
        list.append(
            "{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}, "
                .formatted(upstreams.get(i)));
      }
    }
    put(endpoints(), ENDPOINTS.formatted(list));
  }

  /** Needs both files. */
  String bootstrap() {
    return BOOTSTRAP.formatted(ProxyProcess.PORT, routes(), endpoints());
  }

  private static void put(Path file, String text) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    Files.writeString(next, text);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static final String BOOTSTRAP =
      """
      static_resources:
        listeners:
        - name: soak
          address: {socket_address: {address: 127.0.0.1, port_value: %s}}
          filter_chains:
          - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: soak
                rds: {route_config_name: soak, config_source: {path_config_source: {path: %s}}}
                http_filters:
                - name: envoy.filters.http.router
                  typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
        clusters:
        - name: up
          type: EDS
          eds_cluster_config: {eds_config: {path_config_source: {path: %s}}}
          connect_timeout: 1s
          # By default three retries at a time: fewer than the clients that lose a host at once.
          circuit_breakers: {thresholds: [{max_retries: 1000}]}
      """;

  private static final String ENDPOINTS =
      """
      resources:
      - "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
        cluster_name: up
        endpoints: [{lb_endpoints: [%s]}]
      """;

  private static final String ROUTES =
      """
      resources:
      - "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
        name: soak
        virtual_hosts:
        - name: all
          domains: ["*"]
          routes:
          - match: {prefix: /}
            request_headers_to_add: [{header: {key: x-version, value: "%d"}}]
            route:
              cluster: up
              timeout: 15s
              retry_policy:
                retry_on: connect-failure,refused-stream,reset,5xx
                num_retries: 5
                retry_back_off: {base_interval: 0.02s, max_interval: 0.2s}
                retry_host_predicate:
                - name: envoy.retry_host_predicates.previous_hosts
                  typed_config: {"@type": type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate}
                host_selection_retry_max_attempts: 3
      """;
}
