package dev.meshctl.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What is in a cluster, to be compared before and after. */
final class ClusterContent {
  private ClusterContent() {}

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
