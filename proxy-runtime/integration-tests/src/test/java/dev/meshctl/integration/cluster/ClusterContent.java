package dev.meshctl.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What is in a cluster, to be compared before and after. */
final class ClusterContent {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private ClusterContent() {}

  /**
   * The same, once the namespaces are gone that others have deleted: a comparison begins with what
   * stays.
   */
  static Set<String> settled(ClusterFixture cluster) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(
                    cluster
                        .kubectl(
                            "get",
                            "namespaces",
                            "--field-selector=status.phase=Terminating",
                            "-o",
                            "name")
                        .text())
                .isEmpty());
    return objects(cluster);
  }

  /** Every object of every kind but those that come and go by themselves: events and leases. */
  static Set<String> objects(ClusterFixture cluster) {
    List<String> kinds =
        cluster
            .kubectl("api-resources", "--verbs=list", "-o", "name")
            .text()
            .lines()
            .filter(kind -> !kind.startsWith("events") && !kind.startsWith("leases"))
            .toList();
    Output got =
        cluster.kubectl(
            "get",
            String.join(",", kinds),
            "-A",
            "--ignore-not-found",
            "-o",
            "jsonpath={range .items[*]}{.kind}"
                + " {.metadata.namespace}/{.metadata.name}{\"\\n\"}{end}");
    Set<String> all = new TreeSet<>(got.out().lines().toList());
    assertThat(all).as(got.err()).isNotEmpty();
    return all;
  }
}
