package dev.meshctl.integration.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.meshctl.model.testkit.TestIdentity;
import dev.meshctl.model.testkit.TranslationScenario;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.RouteMatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Envoy and our proxy, told the same, answer the same. {@code -Ddifferential.cases=N
 * -Ddifferential.seed=S} asks for longer.
 */
// As long as its properties ask for.
@Timeout(value = 1, unit = TimeUnit.DAYS)
class DifferentialIT {
  private static final int CASES = Integer.getInteger("differential.cases", 20);
  private static final long SEED = Long.getLong("differential.seed", 1);
  private static final int MOST_OF_A_TABLE = Integer.getInteger("differential.requests", 60);

  private static final int THROWS = 400;

  @TempDir static Path folder;
  private static TestIdentity identity;

  @BeforeAll
  static void makeIdentity() throws Exception {
    identity = TestIdentity.create(folder);
  }

  @Test
  void what_the_folders_configure_is_answered_alike() throws Exception {
    List<TranslationScenario> scenarios = new ArrayList<>(TranslationScenario.all());
    scenarios.addAll(TranslationScenario.samples());
    try (Comparison comparison = new Comparison(folder.resolve("folders"), identity)) {
      for (TranslationScenario scenario : scenarios) {
        for (Map.Entry<String, XdsSnapshot> told : scenario.everySnapshot().entrySet()) {
          comparison.compare(
              scenario + " " + told.getKey(),
              told.getValue(),
              new SplittableRandom(SEED),
              MOST_OF_A_TABLE);
        }
      }
      assertThat(comparison.asked()).isGreaterThan(500);
      assertThat(comparison.differences()).isEmpty();
    }
  }

  @Test
  void whatever_routes_say_is_answered_alike() throws Exception {
    SplittableRandom seeds = new SplittableRandom(SEED);
    try (Comparison comparison = new Comparison(folder.resolve("generated"), identity)) {
      for (int i = 0; i < CASES; i++) {
        SplittableRandom dice = seeds.split();
        comparison.compare(
            "seed " + SEED + " case " + i,
            GeneratedSnapshot.of(GeneratedTable.of("t", dice)),
            dice,
            MOST_OF_A_TABLE);
      }
      assertThat(comparison.asked()).isGreaterThan(500);
      assertThat(comparison.differences()).isEmpty();
    }
  }

  @Test
  void splits_are_shared_out_as_they_say_by_both() throws Exception {
    try (Comparison comparison = new Comparison(folder.resolve("shares"), identity)) {
      for (List<Integer> weights :
          List.of(List.of(1, 9), List.of(50, 50), List.of(3, 0, 4, 5), List.of(50, 40))) {
        List<WeightedCluster> to = new ArrayList<>();
        for (int i = 0; i < weights.size(); i++) {
          to.add(new WeightedCluster(GeneratedTable.CLUSTERS.get(i), weights.get(i), Headers.NONE));
        }
        RouteAction.Forward plain = RouteAction.Forward.to("c0");
        RouteAction split =
            new RouteAction.Forward(
                to,
                plain.timeout(),
                plain.retry(),
                plain.rewrite(),
                plain.hostRewrite(),
                plain.mirrors(),
                plain.fault());
        VirtualHost all =
            new VirtualHost(
                "all",
                List.of("*"),
                List.of(new Route("split", RouteMatch.ANY, split, Headers.NONE)));
        for (Map<String, Integer> seen :
            comparison.shares(
                GeneratedSnapshot.of(new RouteTableConfig("t", List.of(all))),
                new Ask("GET", "/", "any.example", List.of()),
                THROWS)) {
          assertShares(weights, seen);
        }
      }
    }
  }

  /** Within five standard deviations of the weights. */
  private static void assertShares(List<Integer> weights, Map<String, Integer> seen) {
    double sum = weights.stream().mapToInt(w -> w).sum();
    for (int i = 0; i < weights.size(); i++) {
      double share = weights.get(i) / sum;
      double found = seen.getOrDefault(GeneratedTable.CLUSTERS.get(i), 0) / (double) THROWS;
      assertThat(found)
          .as("%s of %s", seen, weights)
          .isCloseTo(share, within(5 * Math.sqrt(share * (1 - share) / THROWS) + 1e-9));
    }
  }
}
