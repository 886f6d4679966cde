package dev.meshctl.cli.explain;

import dev.meshctl.app.config.ProxyBootstrap;
import dev.meshctl.cli.context.RunningMeshes;
import dev.meshctl.cli.context.RunningProxies;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.MeshQueryException;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.query.QueryJson;
import dev.meshctl.model.query.RunningMesh;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * How a proxy of a running mesh stands now: whether it follows, and what its endpoints are worth to
 * it.
 *
 * <p>Thread: any; blocking.
 *
 * @param proxy {@code NAMESPACE/NAME}
 * @param state as {@code proxy status} has it
 * @param refused what it refused, with its reasons
 * @param unfit endpoints that it leaves out
 * @param unknown why its endpoints are not known; else empty
 */
record ProxyStanding(
    String proxy, String state, List<String> refused, List<Unfit> unfit, String unknown) {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  ProxyStanding {
    refused = List.copyOf(refused);
    unfit = List.copyOf(unfit);
  }

  /** An endpoint of a cluster that the proxy does not use, and why. */
  record Unfit(String cluster, String address, String why) {}

  /** Asks the control plane and the proxy itself; empty where the mesh has no such proxy. */
  static Optional<ProxyStanding> of(String at, RunningMesh mesh, RunningMeshes meshes) {
    try (MeshClient client = MeshClient.of(mesh.endpoint())) {
      Optional<ProxyView> view =
          client.proxies().stream()
              .filter(proxy ->
                  at.equals(proxy.namespace() + "/" + proxy.instance())
                      || at.equals(proxy.namespace() + "/" + proxy.workload()))
              .findFirst();
      return view.map(proxy -> of(at, proxy, mesh, meshes));
    } catch (MeshQueryException unasked) {
      return Optional.of(
          new ProxyStanding(at, "unknown", List.of(), List.of(), unasked.toString()));
    }
  }

  private static ProxyStanding of(
      String at, ProxyView view, RunningMesh mesh, RunningMeshes meshes) {
    List<String> refused =
        view.types().stream()
            .filter(type -> !type.error().isEmpty())
            .map(type -> type.type().toLowerCase(Locale.ROOT) + ": " + type.error())
            .toList();
    String state = view.state().name().toLowerCase(Locale.ROOT);
    try {
      return new ProxyStanding(at, state, refused, unfit(view, mesh, meshes), "");
    } catch (IOException unasked) {
      return new ProxyStanding(at, state, refused, List.of(), String.valueOf(unasked.getMessage()));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return new ProxyStanding(at, state, refused, List.of(), "interrupted");
    }
  }

  private static List<Unfit> unfit(ProxyView view, RunningMesh mesh, RunningMeshes meshes)
      throws IOException, InterruptedException {
    if (mesh.capture().equals("transparent")) {
      throw new IOException("its admin port is in a network namespace of its own");
    }
    for (ProxyBootstrap proxy : RunningProxies.of(meshes.folder(mesh.name()))) {
      if (proxy.node().id().equals(view.id())) {
        return unfit(clusters(proxy.adminAddress()));
      }
    }
    throw new IOException("nothing tells of its admin port");
  }

  private static JsonNode clusters(String admin) throws IOException, InterruptedException {
    try (HttpClient http =
        HttpClient.newBuilder()
            .connectTimeout(PATIENCE)
            .proxy(HttpClient.Builder.NO_PROXY)
            .build()) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create("http://" + admin + "/clusters?format=json"))
                  .timeout(PATIENCE)
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      return QueryJson.mapper().readTree(answer.body());
    } catch (JacksonException malformed) {
      throw new IOException("its admin port " + admin + " does not answer in JSON", malformed);
    } catch (IOException none) {
      throw new IOException("its admin port " + admin + " does not answer", none);
    }
  }

  private static List<Unfit> unfit(JsonNode page) {
    List<Unfit> unfit = new ArrayList<>();
    for (JsonNode cluster : page.path("cluster_statuses")) {
      for (JsonNode host : cluster.path("host_statuses")) {
        List<String> why = why(host.path("health_status"));
        JsonNode address = host.path("address").path("socket_address");
        if (!why.isEmpty()) {
          unfit.add(
              new Unfit(
                  cluster.path("name").asString(""),
                  address.path("address").asString("") + ":" + address.path("port_value").asInt(0),
                  String.join(", ", why)));
        }
      }
    }
    return unfit;
  }

  private static List<String> why(JsonNode health) {
    List<String> why = new ArrayList<>();
    if (health.path("failed_outlier_check").asBoolean(false)) {
      why.add("ejected (outlier detection)");
    }
    if (health.path("failed_active_health_check").asBoolean(false)) {
      why.add("fails its health check");
    }
    String told = health.path("eds_health_status").asString("HEALTHY");
    if (!told.equals("HEALTHY")) {
      why.add(told.toLowerCase(Locale.ROOT));
    }
    return why;
  }
}
