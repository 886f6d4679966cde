package dev.meshctl.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterEvents;
import dev.meshctl.cluster.ClusterEvents.News;
import dev.meshctl.cluster.ClusterEvents.Subject;
import dev.meshctl.cluster.ClusterEvents.Type;
import dev.meshctl.cluster.ObjectKind;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ClusterEventsIT {
  private static final Instant NOW = Instant.parse("2026-05-04T03:02:01.123456Z");

  @RegisterExtension static final ClusterFixture CLUSTER = ClusterFixture.withoutNodes();

  private ClusterConnection connection;
  private ClusterEvents events;
  private String namespace;

  @BeforeEach
  void open() throws Exception {
    namespace = CLUSTER.namespace("events");
    connection = CLUSTER.connect();
    events =
        new ClusterEvents(
            connection.objects(), new ClusterEvents.Reporter("meshctl.dev/test", "replica-1"));
  }

  @AfterEach
  void close() {
    connection.close();
  }

  @Test
  void people_see_what_is_told_of_an_object_that_is_not_there() throws Exception {
    events.tell(cart(), new News(Type.WARNING, "SidecarRefused", "no such thing"), NOW);

    assertThat(
            seen(
                "{.type} {.reason} {.note} {.regarding.kind} {.regarding.name}"
                    + " {.reportingController} {.reportingInstance} {.eventTime}"))
        .containsExactly(
            "Warning SidecarRefused no such thing ReplicaSet cart"
                + " meshctl.dev/test replica-1 2026-05-04T03:02:01.123456Z");
    assertThat(CLUSTER.kubectl("-n", namespace, "get", "events").text())
        .contains("Warning", "SidecarRefused", "replicaset/cart", "no such thing");
  }

  @Test
  void what_is_told_of_one_object_at_one_moment_is_told_twice() throws Exception {
    events.tell(cart(), new News(Type.NORMAL, "Began", "first"), NOW);
    events.tell(cart(), new News(Type.NORMAL, "Began", "second"), NOW);

    assertThat(seen("{.note}")).containsExactlyInAnyOrder("first", "second");
  }

  @Test
  void a_long_note_of_an_object_with_a_long_name_is_cut_rather_than_refused() throws Exception {
    Subject long253 = Subject.named(new ObjectKind("v1", "Pod"), namespace, "a".repeat(252) + "b");
    events.tell(long253, new News(Type.WARNING, "SidecarRefused", "n".repeat(5000)), NOW);

    assertThat(seen("{.regarding.name}")).containsExactly("a".repeat(252) + "b");
    assertThat(seen("{.note}")).containsExactly("n".repeat(1000));
  }

  private Subject cart() {
    return Subject.named(new ObjectKind("apps/v1", "ReplicaSet"), namespace, "cart");
  }

  private List<String> seen(String fields) {
    return CLUSTER
        .kubectl(
            "-n",
            namespace,
            "get",
            "events.events.k8s.io",
            "-o",
            "jsonpath={range .items[*]}" + fields + "{'\\n'}{end}")
        .text()
        .lines()
        .toList();
  }
}
