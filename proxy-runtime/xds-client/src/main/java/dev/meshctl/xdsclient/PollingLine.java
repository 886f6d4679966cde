package dev.meshctl.xdsclient;

import dev.meshctl.model.wire.DiscoveryJson;
import dev.meshctl.model.xds.ResourceType;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks by HTTP again and again ({@code api_type: REST}); a poll that fails leaves what is in force.
 *
 * <p>Thread: a virtual one serves.
 */
final class PollingLine implements Line {
  private static final System.Logger LOG = System.getLogger(PollingLine.class.getName());
  private static final int OK = 200;
  private static final int NOT_MODIFIED = 304;

  private final AdsClient.Surroundings surroundings;
  private final Exchange exchange;
  private final Way.Polled way;
  private final StateDialect dialect;

  /** Of {@link #exchange}: something is wanted. */
  private boolean wanted;

  private volatile boolean connected;

  PollingLine(
      AdsClient.Settings settings,
      AdsClient.Surroundings surroundings,
      Exchange exchange,
      Way.Polled way) {
    this.surroundings = surroundings;
    this.exchange = exchange;
    this.way = way;
    this.dialect = new StateDialect(settings.node(), true);
  }

  @Override
  public Set<ResourceType> types() {
    return way.types();
  }

  @Override
  public boolean connected() {
    return connected;
  }

  @Override
  public void say(List<Ask> asks) {
    List<DiscoveryRequest> requests = dialect.requests(asks);
    // The next poll says it; the names are all that matters here.
    wanted |= !requests.isEmpty();
  }

  @Override
  public void serve() throws InterruptedException {
    exchange.open(this, dialect::begin);
    try (HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(way.timeout())
            .build()) {
      while (true) {
        Optional<DiscoveryRequest> request =
            exchange.alone(() -> wanted ? Optional.of(dialect.poll(way.type())) : Optional.empty());
        if (request.isPresent()) {
          poll(http, request.get());
        }
        surroundings.pause().pause(way.refresh());
      }
    } finally {
      connected = false;
    }
  }

  private void poll(HttpClient http, DiscoveryRequest request) throws InterruptedException {
    String problem = null;
    try {
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(way.at().resolve(path(way.type())))
                  .header("content-type", "application/json")
                  .timeout(way.timeout())
                  .POST(HttpRequest.BodyPublishers.ofString(DiscoveryJson.of(request)))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() == OK) {
        take(DiscoveryJson.response(way.at().toString(), response.body()));
      } else if (response.statusCode() != NOT_MODIFIED) {
        problem = "status " + response.statusCode() + " (expected: 200 or 304)";
      }
      connected |= problem == null;
    } catch (IOException unreachable) {
      problem =
          unreachable.getMessage() == null ? unreachable.toString() : unreachable.getMessage();
    }
    report(problem);
  }

  private void take(DiscoveryResponse response) {
    if (!response.getVersionInfo().isEmpty()) {
      exchange.alone(() -> dialect.update(response)).ifPresent(exchange::update);
    }
  }

  /** Once a change of mood, not once a poll. */
  private void report(@Nullable String problem) {
    if (problem == null || !connected) {
      if (problem != null) {
        LOG.log(System.Logger.Level.DEBUG, "{0}: {1}", way.server(), problem);
      }
      return;
    }
    connected = false;
    LOG.log(
        System.Logger.Level.WARNING,
        "polling {0}: {1}; the last configuration stays in force",
        way.server(),
        problem);
  }

  private static String path(ResourceType type) {
    return switch (type) {
      case CLUSTER -> "/v3/discovery:clusters";
      case ENDPOINTS -> "/v3/discovery:endpoints";
      case LISTENER -> "/v3/discovery:listeners";
      case ROUTE -> "/v3/discovery:routes";
      case VIRTUAL_HOST -> throw new IllegalArgumentException("virtual hosts are never polled");
      case RUNTIME -> throw new IllegalArgumentException("orders are never polled");
      case SECRET -> "/v3/discovery:secrets";
      case NAMES -> "/v3/discovery:names";
    };
  }
}
