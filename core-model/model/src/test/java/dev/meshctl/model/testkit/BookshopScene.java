package dev.meshctl.model.testkit;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.ParentRef;
import dev.meshctl.model.telemetry.EdgeKey;
import dev.meshctl.model.telemetry.EdgeKey.Protocol;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.telemetry.LatencyHistogram;
import dev.meshctl.model.topology.MeshGraph;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The bookshop of {@code samples/}, with traffic as a script has it. */
public final class BookshopScene {
  public static final String NAMESPACE = "bookshop";
  public static final Duration WINDOW = Duration.ofSeconds(10);
  private static final long AT = 1_800_000_000_000L;

  private BookshopScene() {}

  /** The configuration, with the split of reviews between v1 and v3. */
  public static MeshScene scene(int v1, int v3) {
    Map<String, Integer> weights = new LinkedHashMap<>();
    weights.put("v1", v1);
    weights.put("v3", v3);
    Map<String, Integer> partners = new LinkedHashMap<>();
    partners.put("reviews-v2", 80);
    partners.put("reviews-v3", 20);
    return new MeshScene(NAMESPACE)
        .service("storefront", Map.of("app", "storefront"), 8080, AppProtocol.HTTP)
        .service("catalog", Map.of("app", "catalog"), 9080, AppProtocol.HTTP)
        .service("reviews", Map.of("app", "reviews"), 9080, AppProtocol.HTTP)
        .service("reviews-v2", Map.of("app", "reviews", "version", "v2"), 9080, AppProtocol.HTTP)
        .service("reviews-v3", Map.of("app", "reviews", "version", "v3"), 9080, AppProtocol.HTTP)
        .service("ratings", Map.of("app", "ratings"), 9090, AppProtocol.GRPC)
        .service("stock", Map.of("app", "stock"), 9091, AppProtocol.TCP)
        .externalName("recommendations", "catalog.bookshop.svc.cluster.local", 9080)
        .workload("storefront", Map.of("app", "storefront", "version", "v1"), 1, 1)
        .workload("catalog", Map.of("app", "catalog", "version", "v1"), 2, 2)
        .workload("reviews", "v1", 2, 2)
        .workload("reviews", "v2", 1, 1)
        .workload("reviews", "v3", 1, 1)
        .workload("ratings", Map.of("app", "ratings", "version", "v1"), 1, 1)
        .workload("stock", Map.of("app", "stock", "version", "v1"), 1, 1)
        .versions("reviews", "v1", "v2", "v3")
        .split("reviews", weights)
        .istioGateway("bookshop", "ingressgateway")
        .virtualService(
            "storefront",
            List.of("*"),
            List.of("bookshop"),
            List.of(MeshScene.rule("pages", List.of(MeshScene.destination("storefront", "", 0)))))
        .kubernetesGateway("partners")
        .httpRoute("partner-reviews", ParentRef.Kind.GATEWAY, "partners", partners);
  }

  public static MeshGraph graph(int v1, int v3) {
    MeshScene scene = scene(v1, v3);
    return MeshGraph.of(scene.mesh(), scene.inventory());
  }

  /** A busy shop at 90/10, in which v3 fails now and then. */
  public static GraphView busy() {
    return busy(90, 10);
  }

  public static GraphView busy(int v1, int v3) {
    return graph(v1, v3).view(AT, WINDOW, traffic(v1, v3));
  }

  /** Nobody calls. */
  public static GraphView quiet() {
    return graph(90, 10).view(AT, WINDOW, List.of());
  }

  /** What the proxies of a busy shop report, in the proportion asked for. */
  public static List<EdgeSample> traffic(int v1, int v3) {
    WorkloadRef gateway = new WorkloadRef("ingressgateway", NAMESPACE, "ingressgateway", "");
    WorkloadRef partners = new WorkloadRef("partners", NAMESPACE, "partners", "");
    WorkloadRef storefront = workload("storefront", "storefront", "v1");
    WorkloadRef catalog = workload("catalog", "catalog", "v1");
    WorkloadRef reviewsOne = workload("reviews-v1", "reviews", "v1");
    WorkloadRef reviewsTwo = workload("reviews-v2", "reviews", "v2");
    WorkloadRef reviewsThree = workload("reviews-v3", "reviews", "v3");
    WorkloadRef ratings = workload("ratings", "ratings", "v1");
    WorkloadRef stock = workload("stock", "stock", "v1");
    long ones = 1240L * v1 / (v1 + v3) + (v1 == 0 || v3 == 0 ? 0 : 9);
    long threes = 1240 - ones;
    List<EdgeSample> samples = new ArrayList<>();
    samples.add(sample(gateway, "storefront", storefront, Protocol.HTTP1, 1240, 0, 9_400));
    samples.add(sample(storefront, "catalog", catalog, Protocol.HTTP1, 1180, 0, 2_300));
    samples.add(sample(storefront, "recommendations", catalog, Protocol.HTTP1, 60, 0, 2_900));
    samples.add(sample(storefront, "reviews", reviewsOne, Protocol.HTTP1, ones, 0, 3_100));
    samples.add(
        sample(storefront, "reviews", reviewsThree, Protocol.HTTP1, threes, threes / 20, 6_200));
    samples.add(sample(partners, "reviews-v2", reviewsTwo, Protocol.HTTP1, 158, 0, 5_100));
    samples.add(sample(partners, "reviews-v3", reviewsThree, Protocol.HTTP1, 42, 1, 6_400));
    samples.add(sample(reviewsTwo, "ratings", ratings, Protocol.GRPC, 158, 0, 1_200));
    samples.add(sample(reviewsThree, "ratings", ratings, Protocol.GRPC, threes + 42, 0, 1_150));
    samples.add(sample(catalog, "stock", stock, Protocol.TCP, 620, 0, 640));
    return samples;
  }

  public static WorkloadRef workload(String name, String app, String version) {
    return new WorkloadRef(name, NAMESPACE, app, version);
  }

  /**
   * @param typicalMicros half of the answers take no longer; the slowest eight times as long
   */
  public static EdgeSample sample(
      WorkloadRef source,
      String service,
      WorkloadRef destination,
      Protocol protocol,
      long requests,
      long errors,
      long typicalMicros) {
    LatencyHistogram latency = new LatencyHistogram();
    for (long i = 0; i < requests; i++) {
      double place = (double) i / requests;
      latency.record((long) (typicalMicros * (0.6 + 0.8 * place + 6.6 * Math.pow(place, 24))));
    }
    List<EdgeSample.ResponseCount> responses = new ArrayList<>();
    int ok = protocol == Protocol.TCP ? 0 : 200;
    int grpc = protocol == Protocol.GRPC ? 0 : -1;
    responses.add(new EdgeSample.ResponseCount(ok, grpc, "", requests - errors));
    if (errors > 0) {
      responses.add(new EdgeSample.ResponseCount(503, -1, "UF", errors));
    }
    return new EdgeSample(
        new EdgeKey(
            source,
            service + "." + NAMESPACE + ".svc.cluster.local",
            destination,
            protocol,
            true,
            ""),
        responses,
        requests * 120,
        requests * 900,
        latency.drain());
  }
}
