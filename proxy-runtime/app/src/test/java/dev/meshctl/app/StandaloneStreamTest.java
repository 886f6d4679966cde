package dev.meshctl.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.envoyproxy.envoy.service.listener.v3.ListenerDiscoveryServiceGrpc;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandaloneStreamTest {
  private static final PrintStream NOWHERE = new PrintStream(OutputStream.nullOutputStream());
  private static final String BOOTSTRAP =
      """
      node: {id: alone, cluster: alone}
      dynamic_resources:
        lds_config: {resource_api_version: V3, ads: {}}
        ads_config:
          api_type: %s
          transport_api_version: V3
          grpc_services: [{envoy_grpc: {cluster_name: control}}]
      static_resources:
        clusters:
        - name: control
          type: STATIC
          http2_protocol_options: {}
          load_assignment:
            cluster_name: control
            endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]
      """;

  private static final String ALONE =
      BOOTSTRAP
          .replace("lds_config: {resource_api_version: V3, ads: {}}", "lds_config:")
          .replace("  ads_config:", "    api_config_source:")
          .replace("    api_type", "      api_type")
          .replace("    transport_api", "      transport_api")
          .replace("    grpc_services", "      grpc_services");

  private static final String STATIC_LISTENER =
      BOOTSTRAP
          .replace("  lds_config: {resource_api_version: V3, ads: {}}\n", "")
          .replace(
              "  clusters:",
              """
              listeners:
              - name: streamed
                address: {socket_address: {address: 127.0.0.1, port_value: 0}}
                filter_chains:
                - filters:
                  - name: envoy.filters.network.http_connection_manager
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                      stat_prefix: s
                      rds: {route_config_name: routes, config_source: {resource_api_version: V3, ads: {}}}
                      http_filters:
                      - name: envoy.filters.http.router
                        typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
              clusters:\
              """
                  .indent(2)
                  .stripTrailing());

  @TempDir Path folder = Path.of("");

  @ParameterizedTest
  @ValueSource(strings = {"GRPC", "DELTA_GRPC"})
  void a_listener_comes_over_plaintext_ads(String api) throws Exception {
    assertThat(answered(BOOTSTRAP, api)).isEqualTo(218);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GRPC", "DELTA_GRPC"})
  void a_listener_comes_by_the_service_for_listeners_alone(String api) throws Exception {
    assertThat(answered(ALONE, api)).isEqualTo(218);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GRPC", "DELTA_GRPC"})
  void a_static_listener_takes_its_routes_from_the_stream(String api) throws Exception {
    assertThat(answered(STATIC_LISTENER, api)).isEqualTo(219);
  }

  @Test
  void an_unknown_variant_is_named_and_refused() {
    assertThatThrownBy(() ->
            StandaloneProxy.start(bootstrap(BOOTSTRAP, "UNSUPPORTED_REST_LEGACY", 1), NOWHERE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("dynamic_resources.ads_config.api_type");
  }

  /** The status that the listener {@code streamed} gives, once it does. */
  private int answered(String shape, String api) throws Exception {
    OneListener both = new OneListener();
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0))
            .addService(both)
            .addService(both.listenersAlone())
            .build()
            .start();
    try (StandaloneProxy proxy =
            StandaloneProxy.start(bootstrap(shape, api, server.getPort()), NOWHERE);
        HttpClient client = HttpClient.newHttpClient()) {
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> proxy.dataPlane().listenAddresses().containsKey("streamed"));
      InetSocketAddress at = proxy.dataPlane().listenAddresses().get("streamed");
      assertThat(at).isNotNull();
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port(at) + "/")).build();
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() != 404);
      return client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
    } finally {
      server.shutdownNow();
    }
  }

  private static int port(InetSocketAddress at) {
    return at.getPort();
  }

  private StandaloneArguments bootstrap(String shape, String api, int port) throws IOException {
    Path file = folder.resolve("bootstrap.yaml");
    Files.writeString(file, shape.formatted(api, port));
    return new StandaloneArguments(file, false, 1, false);
  }

  /** Gives each who asks for listeners the one it has. */
  private static final class OneListener
      extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase {
    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
        StreamObserver<DeltaDiscoveryResponse> out) {
      return new Answering<>(request -> {
        if (request.getResponseNonce().isEmpty() && offers(request.getTypeUrl())) {
          out.onNext(
              DeltaDiscoveryResponse.newBuilder()
                  .setTypeUrl(request.getTypeUrl())
                  .setNonce("1")
                  .addResources(
                      Resource.newBuilder()
                          .setName(name(request.getTypeUrl()))
                          .setVersion("1")
                          .setResource(resource(request.getTypeUrl())))
                  .build());
        }
      });
    }

    @Override
    public StreamObserver<DiscoveryRequest> streamAggregatedResources(
        StreamObserver<DiscoveryResponse> out) {
      return new Answering<>(request -> {
        if (request.getResponseNonce().isEmpty() && offers(request.getTypeUrl())) {
          out.onNext(
              DiscoveryResponse.newBuilder()
                  .setTypeUrl(request.getTypeUrl())
                  .setNonce("1")
                  .setVersionInfo("1")
                  .addResources(resource(request.getTypeUrl()))
                  .build());
        }
      });
    }

    /** The same, of listeners only. */
    ListenerDiscoveryServiceGrpc.ListenerDiscoveryServiceImplBase listenersAlone() {
      OneListener all = this;
      return new ListenerDiscoveryServiceGrpc.ListenerDiscoveryServiceImplBase() {
        @Override
        public StreamObserver<DeltaDiscoveryRequest> deltaListeners(
            StreamObserver<DeltaDiscoveryResponse> out) {
          return all.deltaAggregatedResources(out);
        }

        @Override
        public StreamObserver<DiscoveryRequest> streamListeners(
            StreamObserver<DiscoveryResponse> out) {
          return all.streamAggregatedResources(out);
        }
      };
    }

    private static boolean offers(String type) {
      return type.endsWith(".Listener") || type.endsWith(".RouteConfiguration");
    }

    private static String name(String type) {
      return type.endsWith(".Listener") ? "streamed" : "routes";
    }

    private static Any resource(String type) {
      return Any.pack(type.endsWith(".Listener") ? listener() : routes("routes", 219));
    }

    private record Answering<Q>(Consumer<Q> answer) implements StreamObserver<Q> {
      @Override
      public void onNext(Q request) {
        answer.accept(request);
      }

      @Override
      public void onError(Throwable broken) {}

      @Override
      public void onCompleted() {}
    }

    private static RouteConfiguration routes(String name, int status) {
      RouteConfiguration.Builder routes = RouteConfiguration.newBuilder().setName(name);
      var host = routes.addVirtualHostsBuilder().setName("all").addDomains("*");
      var route = host.addRoutesBuilder();
      route.getMatchBuilder().setPrefix("/");
      route.getDirectResponseBuilder().setStatus(status);
      return routes.build();
    }

    private static Listener listener() {
      HttpConnectionManager.Builder manager =
          HttpConnectionManager.newBuilder().setStatPrefix("s").setRouteConfig(routes("", 218));
      manager
          .addHttpFiltersBuilder()
          .setName("envoy.filters.http.router")
          .setTypedConfig(Any.pack(Router.getDefaultInstance()));
      Listener.Builder listener = Listener.newBuilder().setName("streamed");
      listener.getAddressBuilder().getSocketAddressBuilder().setAddress("127.0.0.1");
      listener.getAddressBuilder().getSocketAddressBuilder().setPortValue(0);
      return listener
          .addFilterChains(
              FilterChain.newBuilder()
                  .setName("http")
                  .addFilters(
                      Filter.newBuilder()
                          .setName("envoy.filters.network.http_connection_manager")
                          .setTypedConfig(Any.pack(manager.build()))))
          .build();
    }
  }
}
