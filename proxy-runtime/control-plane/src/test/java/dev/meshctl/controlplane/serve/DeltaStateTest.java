package dev.meshctl.controlplane.serve;

import static dev.meshctl.controlplane.serve.Meshes.cluster;
import static dev.meshctl.controlplane.serve.Meshes.endpoints;
import static dev.meshctl.controlplane.serve.Meshes.listener;
import static dev.meshctl.controlplane.serve.Meshes.route;
import static dev.meshctl.controlplane.serve.Meshes.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Status;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.ResourceType;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The incremental protocol, told to a bare client message by message. */
class DeltaStateTest {
  private final DeltaState state = new DeltaState();
  private final Deque<DeltaDiscoveryResponse> sent = new ArrayDeque<>();

  private void mesh(EncodedSnapshot snapshot) {
    sent.addAll(state.snapshot(snapshot));
  }

  private void request(ResourceType type, DeltaDiscoveryRequest.Builder request) {
    sent.addAll(state.request(request.setTypeUrl(type.typeUrl()).build(), type));
  }

  private void subscribe(ResourceType type, String... names) {
    request(type, DeltaDiscoveryRequest.newBuilder().addAllResourceNamesSubscribe(List.of(names)));
  }

  private void ack(DeltaDiscoveryResponse response) {
    request(
        type(response), DeltaDiscoveryRequest.newBuilder().setResponseNonce(response.getNonce()));
  }

  private void nack(DeltaDiscoveryResponse response, String message) {
    request(
        type(response),
        DeltaDiscoveryRequest.newBuilder()
            .setResponseNonce(response.getNonce())
            .setErrorDetail(Status.newBuilder().setCode(3).setMessage(message)));
  }

  /** As far as was asked. */
  private boolean synced() {
    StreamStatus now = state.status();
    return !now.rejected()
        && now.types().stream().allMatch(t -> t.ackedGeneration() == now.generation());
  }

  private void ackAll() {
    while (!sent.isEmpty()) {
      ack(sent.remove());
    }
  }

  private static ResourceType type(DeltaDiscoveryResponse response) {
    for (ResourceType type : ResourceType.values()) {
      if (type.typeUrl().equals(response.getTypeUrl())) {
        return type;
      }
    }
    throw new AssertionError(response.getTypeUrl());
  }

  private static List<String> names(DeltaDiscoveryResponse response) {
    return response.getResourcesList().stream().map(Resource::getName).toList();
  }

  @Test
  void a_first_request_without_names_gets_everything_of_the_type() {
    mesh(snapshot(1, cluster("a", 0), cluster("b", 0), endpoints("a", 0)));

    subscribe(ResourceType.CLUSTER);

    assertThat(sent).hasSize(1);
    assertThat(names(sent.getFirst())).containsExactly("a", "b");
  }

  @Test
  void a_first_request_is_answered_even_with_nothing() {
    mesh(snapshot(1, cluster("a", 0)));

    subscribe(ResourceType.LISTENER);

    assertThat(sent).hasSize(1);
    assertThat(sent.getFirst().getResourcesCount()).isZero();
  }

  @Test
  void a_proxy_that_did_not_ask_for_listeners_yet_is_not_in_step() {
    mesh(snapshot(1, cluster("a", 0)));
    subscribe(ResourceType.CLUSTER);
    ackAll();
    assertThat(state.status().state()).isEqualTo(ProxyView.State.STALE);

    subscribe(ResourceType.LISTENER);
    ackAll();
    assertThat(state.status().state()).isEqualTo(ProxyView.State.SYNCED);
  }

  @Test
  void before_a_mesh_is_known_nothing_is_said_so_nothing_is_removed() {
    mesh(EncodedSnapshot.EMPTY);
    request(
        ResourceType.CLUSTER,
        DeltaDiscoveryRequest.newBuilder().putInitialResourceVersions("a", "v"));

    assertThat(sent).isEmpty();
  }

  @Test
  void only_what_changed_is_sent_again() {
    mesh(snapshot(1, cluster("a", 0), cluster("b", 0), cluster("c", 0)));
    subscribe(ResourceType.CLUSTER);
    ackAll();

    mesh(snapshot(2, cluster("a", 0), cluster("b", 1), cluster("c", 0)));

    assertThat(sent).hasSize(1);
    assertThat(names(sent.getFirst())).containsExactly("b");
    ackAll();
    mesh(snapshot(3, cluster("a", 0), cluster("b", 1), cluster("c", 0)));
    assertThat(sent).isEmpty();
    assertThat(synced()).isTrue();
    assertThat(state.status().ackedGeneration()).isEqualTo(3);
  }

  @Test
  void a_refused_version_is_never_sent_again_but_its_successor_is() {
    mesh(snapshot(1, cluster("a", 0), cluster("b", 0)));
    subscribe(ResourceType.CLUSTER);
    ackAll();

    mesh(snapshot(2, cluster("a", 1), cluster("b", 0)));
    nack(sent.remove(), "a: connect_timeout: too strange");
    assertThat(sent).isEmpty();
    assertThat(state.status().state()).isEqualTo(ProxyView.State.REJECTED);
    assertThat(state.status().types().getFirst().error()).contains("too strange");

    mesh(snapshot(3, cluster("a", 1), cluster("b", 5)));
    assertThat(names(sent.getFirst())).containsExactly("b");
    ackAll();
    assertThat(state.status().state()).isEqualTo(ProxyView.State.REJECTED);

    mesh(snapshot(4, cluster("a", 2), cluster("b", 5)));
    assertThat(names(sent.getFirst())).containsExactly("a");
    ackAll();
    assertThat(synced()).isTrue();
    assertThat(state.status().types().getFirst().error()).isEmpty();
  }

  @Test
  void going_back_to_the_last_good_version_needs_no_message() {
    mesh(snapshot(1, cluster("a", 0)));
    subscribe(ResourceType.CLUSTER);
    ackAll();
    mesh(snapshot(2, cluster("a", 1)));
    nack(sent.remove(), "a: no");

    mesh(snapshot(3, cluster("a", 0)));

    assertThat(sent).isEmpty();
    assertThat(synced()).isTrue();
  }

  @Test
  void a_refusal_names_the_resources_it_means_and_the_others_count_as_taken() {
    mesh(snapshot(1, cluster("a", 0), cluster("b", 0)));
    subscribe(ResourceType.CLUSTER);
    nack(sent.remove(), "b: no");

    assertThat(state.held(ResourceType.CLUSTER))
        .extracting(EncodedResource::name)
        .containsOnly("a");
    mesh(snapshot(2, cluster("a", 0), cluster("b", 1)));
    assertThat(names(sent.getFirst())).containsExactly("b");
  }

  @Test
  void an_addition_waits_until_what_it_may_refer_to_is_acknowledged() {
    mesh(snapshot(1, cluster("a", 0), endpoints("a", 0), listener("l", 0), route("r", "a")));
    subscribe(ResourceType.CLUSTER);
    subscribe(ResourceType.ENDPOINTS, "a");
    subscribe(ResourceType.LISTENER);
    subscribe(ResourceType.ROUTE, "r");

    assertThat(sent).extracting(DeltaStateTest::type).containsExactly(ResourceType.CLUSTER);
    ack(sent.remove());
    assertThat(sent).extracting(DeltaStateTest::type).containsExactly(ResourceType.ENDPOINTS);
    ack(sent.remove());
    assertThat(sent)
        .extracting(DeltaStateTest::type)
        .containsExactly(ResourceType.LISTENER, ResourceType.ROUTE);
  }

  @Test
  void removals_go_last_and_in_reverse() {
    mesh(snapshot(1, cluster("a", 0), listener("l", 0), route("r", "a")));
    subscribe(ResourceType.CLUSTER);
    subscribe(ResourceType.LISTENER);
    subscribe(ResourceType.ROUTE, "r");
    ackAll();

    mesh(snapshot(2, cluster("b", 0), listener("m", 0), route("r", "b")));

    List<String> order = new ArrayList<>();
    while (!sent.isEmpty()) {
      DeltaDiscoveryResponse response = sent.remove();
      names(response).forEach(n -> order.add("+" + n));
      response.getRemovedResourcesList().forEach(n -> order.add("-" + n));
      ack(response);
    }
    assertThat(order).containsExactly("+b", "+m", "+r", "-l", "-a");
  }

  @Test
  void a_cluster_is_not_removed_while_a_refused_route_may_still_use_it() {
    mesh(snapshot(1, cluster("a", 0), route("r", "a")));
    subscribe(ResourceType.CLUSTER);
    subscribe(ResourceType.ROUTE, "r");
    ackAll();

    mesh(snapshot(2, cluster("b", 0), route("r", "b")));
    ack(sent.remove());
    nack(sent.remove(), "r: no");

    assertThat(sent).isEmpty();
    mesh(snapshot(3, cluster("b", 0), route("r", "c")));
    ack(sent.remove());
    assertThat(sent).hasSize(1);
    assertThat(sent.getFirst().getRemovedResourcesList()).containsExactly("a");
  }

  @Test
  void a_name_that_does_not_exist_is_said_to_be_absent_until_it_does() {
    mesh(snapshot(1, cluster("a", 0)));
    subscribe(ResourceType.ENDPOINTS, "a");
    assertThat(sent.getFirst().getRemovedResourcesList()).containsExactly("a");
    ackAll();

    mesh(snapshot(2, cluster("a", 0), endpoints("a", 0)));
    assertThat(names(sent.getFirst())).containsExactly("a");
  }

  @Test
  void asking_again_for_a_held_name_is_answered_again() {
    mesh(snapshot(1, endpoints("a", 0), endpoints("b", 0)));
    subscribe(ResourceType.ENDPOINTS, "a", "b");
    ackAll();

    subscribe(ResourceType.ENDPOINTS, "a");

    assertThat(names(sent.getFirst())).containsExactly("a");
  }

  @Test
  void an_unsubscribed_name_is_no_longer_told() {
    mesh(snapshot(1, endpoints("a", 0), endpoints("b", 0)));
    subscribe(ResourceType.ENDPOINTS, "a", "b");
    ackAll();
    request(
        ResourceType.ENDPOINTS,
        DeltaDiscoveryRequest.newBuilder().addResourceNamesUnsubscribe("a"));

    mesh(snapshot(2, endpoints("a", 1), endpoints("b", 1)));

    assertThat(names(sent.getFirst())).containsExactly("b");
  }

  @Test
  void a_reconnected_proxy_gets_the_difference_only() {
    mesh(snapshot(7, cluster("a", 0), cluster("b", 1)));
    request(
        ResourceType.CLUSTER,
        DeltaDiscoveryRequest.newBuilder()
            .putInitialResourceVersions("a", EncodedResource.of(cluster("a", 0)).version())
            .putInitialResourceVersions("b", EncodedResource.of(cluster("b", 0)).version())
            .putInitialResourceVersions("gone", "v"));

    DeltaDiscoveryResponse first = sent.remove();
    assertThat(names(first)).containsExactly("b");
    ack(first);
    assertThat(sent.getFirst().getRemovedResourcesList()).containsExactly("gone");
  }

  @Test
  void a_slow_proxy_gets_the_newest_and_not_what_it_missed() {
    mesh(snapshot(1, cluster("a", 0)));
    subscribe(ResourceType.CLUSTER);
    DeltaDiscoveryResponse slow = sent.remove();
    for (int i = 1; i <= 50; i++) {
      mesh(snapshot(1 + i, cluster("a", i)));
    }
    assertThat(sent).isEmpty();

    ack(slow);

    assertThat(sent).hasSize(1);
    assertThat(sent.getFirst().getResources(0).getVersion())
        .isEqualTo(EncodedResource.of(cluster("a", 50)).version());
  }

  @Test
  void an_answer_to_an_unknown_nonce_changes_nothing() {
    mesh(snapshot(1, cluster("a", 0)));
    subscribe(ResourceType.CLUSTER);
    DeltaDiscoveryResponse response = sent.remove();

    request(ResourceType.CLUSTER, DeltaDiscoveryRequest.newBuilder().setResponseNonce("other"));

    assertThat(state.status().state()).isEqualTo(ProxyView.State.STALE);
    ack(response);
    assertThat(synced()).isTrue();
  }

  @Property(seed = "42", tries = 300)
  void whatever_order_changes_and_answers_take_the_proxy_ends_with_the_newest_mesh(
      @ForAll @Size(min = 1, max = 12) List<@Size(max = 5) Set<@IntRange(max = 19) Integer>> meshes,
      @ForAll @Size(min = 1, max = 30) List<@IntRange(max = 3) Integer> schedule) {
    DeltaState fresh = new DeltaState();
    Deque<DeltaDiscoveryResponse> inFlight = new ArrayDeque<>();
    Map<String, String> client = new TreeMap<>();
    inFlight.addAll(
        fresh.request(
            DeltaDiscoveryRequest.newBuilder().setTypeUrl(ResourceType.CLUSTER.typeUrl()).build(),
            ResourceType.CLUSTER));
    int next = 0;
    for (int step : schedule) {
      if (step == 0 && next < meshes.size()) {
        inFlight.addAll(fresh.snapshot(mesh(next + 1, meshes.get(next))));
        next++;
      } else if (!inFlight.isEmpty()) {
        answer(fresh, inFlight, client);
      }
    }
    while (next < meshes.size()) {
      inFlight.addAll(fresh.snapshot(mesh(next + 1, meshes.get(next))));
      next++;
    }
    while (!inFlight.isEmpty()) {
      answer(fresh, inFlight, client);
    }

    Map<String, String> expected = new TreeMap<>();
    mesh(next, meshes.getLast())
        .of(ResourceType.CLUSTER)
        .forEach((name, resource) -> expected.put(name, resource.version()));
    assertThat(client).isEqualTo(expected);
    assertThat(fresh.status().types().getFirst().ackedGeneration()).isEqualTo(next);
  }

  /** Name and mark of each cluster from one number: 5 names, 4 marks. */
  private static EncodedSnapshot mesh(int generation, Set<Integer> numbers) {
    return snapshot(
        generation,
        numbers.stream()
            .map(n -> cluster("c" + n % 5, n / 5))
            .toArray(dev.meshctl.model.xds.XdsResource[]::new));
  }

  private static void answer(
      DeltaState state, Deque<DeltaDiscoveryResponse> inFlight, Map<String, String> client) {
    DeltaDiscoveryResponse response = inFlight.remove();
    response.getResourcesList().forEach(r -> client.put(r.getName(), r.getVersion()));
    response.getRemovedResourcesList().forEach(client::remove);
    inFlight.addAll(
        state.request(
            DeltaDiscoveryRequest.newBuilder().setResponseNonce(response.getNonce()).build(),
            ResourceType.CLUSTER));
  }
}
