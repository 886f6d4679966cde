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
import io.envoyproxy.envoy.service.discovery.v3.Resource;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  @TempDir Path folder = Path.of("");

  @Test
  void a_listener_comes_over_plaintext_ads() throws Exception {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0))
            .addService(new OneListener())
            .build()
            .start();
    try (StandaloneProxy proxy =
            StandaloneProxy.start(bootstrap("DELTA_GRPC", server.getPort()), NOWHERE);
        HttpClient client = HttpClient.newHttpClient()) {
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> proxy.dataPlane().listenAddresses().containsKey("streamed"));
      InetSocketAddress at = proxy.dataPlane().listenAddresses().get("streamed");
      assertThat(at).isNotNull();
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port(at) + "/")).build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(218);
    } finally {
      server.shutdownNow();
    }
  }

  @Test
  void state_of_the_world_is_named_and_refused() {
    assertThatThrownBy(() -> StandaloneProxy.start(bootstrap("GRPC", 1), NOWHERE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("dynamic_resources.ads_config.api_type: GRPC (expected: DELTA_GRPC)");
  }

  private static int port(InetSocketAddress at) {
    return at.getPort();
  }

  private StandaloneArguments bootstrap(String api, int port) throws IOException {
    Path file = folder.resolve("bootstrap.yaml");
    Files.writeString(file, BOOTSTRAP.formatted(api, port));
    return new StandaloneArguments(file, false, 1, false);
  }

  /** Gives each who asks for listeners the one it has. */
  private static final class OneListener
      extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase {
    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
        StreamObserver<DeltaDiscoveryResponse> out) {
      return new StreamObserver<>() {
        @Override
        public void onNext(DeltaDiscoveryRequest request) {
          if (request.getTypeUrl().endsWith(".Listener") && request.getResponseNonce().isEmpty()) {
            out.onNext(
                DeltaDiscoveryResponse.newBuilder()
                    .setTypeUrl(request.getTypeUrl())
                    .setNonce("1")
                    .addResources(
                        Resource.newBuilder()
                            .setName("streamed")
                            .setVersion("1")
                            .setResource(Any.pack(listener())))
                    .build());
          }
        }

        @Override
        public void onError(Throwable broken) {}

        @Override
        public void onCompleted() {
          out.onCompleted();
        }
      };
    }

    private static Listener listener() {
      RouteConfiguration.Builder routes = RouteConfiguration.newBuilder();
      var host = routes.addVirtualHostsBuilder().setName("all").addDomains("*");
      var route = host.addRoutesBuilder();
      route.getMatchBuilder().setPrefix("/");
      route.getDirectResponseBuilder().setStatus(218);
      HttpConnectionManager.Builder manager =
          HttpConnectionManager.newBuilder().setStatPrefix("s").setRouteConfig(routes);
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
