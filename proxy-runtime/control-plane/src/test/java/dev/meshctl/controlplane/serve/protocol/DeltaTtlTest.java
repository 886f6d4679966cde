package dev.meshctl.controlplane.serve.protocol;

import static dev.meshctl.controlplane.serve.encoded.Meshes.cluster;
import static dev.meshctl.controlplane.serve.encoded.Meshes.endpoints;
import static dev.meshctl.controlplane.serve.encoded.Meshes.lent;
import static dev.meshctl.controlplane.serve.encoded.Meshes.listener;
import static dev.meshctl.controlplane.serve.encoded.Meshes.snapshot;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Interners;
import com.google.rpc.Status;
import dev.meshctl.controlplane.serve.encoded.EncodedSnapshot;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.xds.ResourceType;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What an incremental stream lends for a time, and how it lends it anew. */
class DeltaTtlTest {
  private static final Duration TTL = Duration.ofSeconds(30);

  private final AtomicLong nanoTime = new AtomicLong(-5);
  private final DeltaState state = new DeltaState(Interners.newWeakInterner(), nanoTime::get);

  private void pass(int seconds) {
    nanoTime.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }

  private List<DeltaDiscoveryResponse> subscribe(ResourceType type, Map<String, String> versions) {
    return state.request(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(type.typeUrl())
            .putAllInitialResourceVersions(versions)
            .build(),
        type);
  }

  private List<DeltaDiscoveryResponse> answer(DeltaDiscoveryResponse response, String refusal) {
    DeltaDiscoveryRequest.Builder request =
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(response.getTypeUrl())
            .setResponseNonce(response.getNonce());
    if (!refusal.isEmpty()) {
      request.setErrorDetail(Status.newBuilder().setCode(13).setMessage(refusal));
    }
    for (ResourceType type : ResourceType.values()) {
      if (type.typeUrl().equals(response.getTypeUrl())) {
        return state.request(request.build(), type);
      }
    }
    throw new AssertionError(response.getTypeUrl());
  }

  private List<DeltaDiscoveryResponse> ack(List<DeltaDiscoveryResponse> responses) {
    List<DeltaDiscoveryResponse> next = new ArrayList<>();
    responses.forEach(response -> next.addAll(answer(response, "")));
    return next;
  }

  private static String version(EncodedSnapshot mesh) {
    return requireNonNull(mesh.find(ResourceType.CLUSTER, "a")).version();
  }

  /** {@code NAME} with its content, {@code (NAME)} without, and for how many seconds. */
  private static List<String> texts(List<DeltaDiscoveryResponse> responses) {
    List<String> texts = new ArrayList<>();
    for (DeltaDiscoveryResponse response : responses) {
      for (Resource each : response.getResourcesList()) {
        String name = each.hasResource() ? each.getName() : "(" + each.getName() + ")";
        texts.add(each.hasTtl() ? name + " " + each.getTtl().getSeconds() + "s" : name);
      }
      response.getRemovedResourcesList().forEach(name -> texts.add("-" + name));
    }
    return texts;
  }

  private void connected() {
    state.snapshot(lent(1, TTL, cluster("a", 0), cluster("b", 0)));
    List<DeltaDiscoveryResponse> first = subscribe(ResourceType.CLUSTER, Map.of());
    assertThat(texts(first)).containsExactly("a 30s", "b 30s");
    assertThat(ack(first)).isEmpty();
  }

  @Test
  void what_is_lent_is_lent_anew_by_name_and_version_alone_once_a_third_of_its_time_is_over() {
    connected();
    pass(9);
    assertThat(state.renew()).isEmpty();
    pass(1);

    List<DeltaDiscoveryResponse> renewed = state.renew();

    assertThat(texts(renewed)).containsExactlyInAnyOrder("(a) 30s", "(b) 30s");
    assertThat(renewed.getFirst().getResourcesList())
        .allMatch(each -> each.getVersion().endsWith("~ttl"));
    assertThat(state.renew()).as("one unanswered response of a type").isEmpty();
    assertThat(ack(renewed)).isEmpty();
    assertThat(state.renew()).isEmpty();
    pass(10);
    assertThat(texts(state.renew())).hasSize(2);
  }

  @Test
  void what_is_not_lent_is_never_told_again() {
    state.snapshot(snapshot(1, cluster("a", 0)));
    ack(subscribe(ResourceType.CLUSTER, Map.of()));
    pass(1000);

    assertThat(state.renew()).isEmpty();
  }

  @Test
  void a_change_in_between_puts_off_no_renewal_of_the_others() {
    connected();
    pass(9);
    ack(state.snapshot(lent(2, TTL, cluster("a", 1), cluster("b", 0))));
    pass(1);

    assertThat(texts(state.renew())).containsExactlyInAnyOrder("(a) 30s", "(b) 30s");
  }

  @Test
  void a_renewal_waits_for_the_answer_that_is_owed_and_comes_with_it() {
    connected();
    List<DeltaDiscoveryResponse> change =
        state.snapshot(lent(2, TTL, cluster("a", 1), cluster("b", 0)));
    pass(20);
    assertThat(state.renew()).isEmpty();

    assertThat(texts(ack(change))).containsExactlyInAnyOrder("(a) 30s", "(b) 30s");
  }

  @Test
  void a_proxy_is_in_step_while_a_renewal_is_on_its_way() {
    state.snapshot(lent(1, TTL, listener("a", 0)));
    ack(subscribe(ResourceType.LISTENER, Map.of()));
    pass(10);
    assertThat(state.renew()).hasSize(1);

    assertThat(state.status().state()).isEqualTo(ProxyView.State.SYNCED);
  }

  @Test
  void what_was_not_lent_anew_in_time_is_told_again_whole() {
    connected();
    pass(30);

    List<DeltaDiscoveryResponse> again = state.renew();

    assertThat(texts(again)).containsExactlyInAnyOrder("a 30s", "b 30s");
    assertThat(ack(again)).isEmpty();
    pass(10);
    assertThat(texts(state.renew())).containsExactlyInAnyOrder("(a) 30s", "(b) 30s");
  }

  @Test
  void a_proxy_that_has_not_what_is_renewed_is_told_it_again_and_it_does_not_count_as_refused() {
    connected();
    pass(10);
    List<DeltaDiscoveryResponse> renewed = state.renew();

    List<DeltaDiscoveryResponse> again = answer(renewed.getFirst(), "no resource in a");

    assertThat(texts(again)).containsExactlyInAnyOrder("a 30s", "b 30s");
    assertThat(state.status().rejected()).isFalse();
    assertThat(ack(again)).isEmpty();
  }

  @Test
  void a_refused_change_leaves_the_version_before_it_lent() {
    connected();
    List<DeltaDiscoveryResponse> change =
        state.snapshot(lent(2, TTL, cluster("a", 1), cluster("b", 0)));
    answer(change.getFirst(), "a: bad");
    pass(10);

    List<DeltaDiscoveryResponse> renewed = state.renew();

    assertThat(texts(renewed)).containsExactlyInAnyOrder("(a) 30s", "(b) 30s");
    assertThat(renewed.getFirst().getResourcesList())
        .extracting(Resource::getVersion)
        .doesNotContain(change.getFirst().getResources(0).getVersion());
  }

  @Test
  void what_a_proxy_brings_from_another_stream_is_lent_anew_at_once() {
    EncodedSnapshot mesh = lent(1, TTL, cluster("a", 0), cluster("b", 0));
    Map<String, String> versions = Map.of("a", version(mesh));
    state.snapshot(mesh);

    List<DeltaDiscoveryResponse> first = subscribe(ResourceType.CLUSTER, versions);

    assertThat(texts(first)).as("it lacks b").containsExactly("b 30s");
    assertThat(texts(ack(first))).containsExactlyInAnyOrder("(a) 30s", "(b) 30s");
  }

  @Test
  void where_lending_begins_or_ends_what_a_proxy_brings_is_told_again_so() {
    EncodedSnapshot lent = lent(1, TTL, cluster("a", 0));
    EncodedSnapshot kept = snapshot(1, cluster("a", 0));
    state.snapshot(lent);
    assertThat(texts(subscribe(ResourceType.CLUSTER, Map.of("a", version(kept)))))
        .containsExactly("a 30s");

    DeltaState other = new DeltaState(Interners.newWeakInterner(), nanoTime::get);
    other.snapshot(kept);
    List<DeltaDiscoveryResponse> told =
        other.request(
            DeltaDiscoveryRequest.newBuilder()
                .putInitialResourceVersions("a", version(lent))
                .build(),
            ResourceType.CLUSTER);
    assertThat(texts(told)).containsExactly("a");
  }

  @Test
  void what_a_proxy_asked_for_by_name_is_renewed_and_nothing_else() {
    state.snapshot(lent(1, TTL, endpoints("a", 0), endpoints("b", 0)));
    ack(
        state.request(
            DeltaDiscoveryRequest.newBuilder().addResourceNamesSubscribe("b").build(),
            ResourceType.ENDPOINTS));
    pass(10);

    assertThat(texts(state.renew())).containsExactly("(b) 30s");
  }
}
