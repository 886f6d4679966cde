package dev.meshctl.controlplane.serve.protocol;

import static dev.meshctl.controlplane.serve.encoded.Meshes.cluster;
import static dev.meshctl.controlplane.serve.encoded.Meshes.endpoints;
import static dev.meshctl.controlplane.serve.encoded.Meshes.listener;
import static dev.meshctl.controlplane.serve.encoded.Meshes.route;
import static dev.meshctl.controlplane.serve.encoded.Meshes.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Interners;
import com.google.rpc.Status;
import dev.meshctl.controlplane.serve.encoded.EncodedLayer;
import dev.meshctl.controlplane.serve.encoded.EncodedSnapshot;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.query.ResourceStatus;
import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.VirtualHostConfig;
import dev.meshctl.model.xds.XdsResource;
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
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The incremental protocol, told to a bare client message by message. */
class DeltaStateTest {
  private final AtomicLong nanoTime = new AtomicLong();
  private final DeltaState state = new DeltaState(Interners.newWeakInterner(), nanoTime::get);
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
  void a_refused_version_is_not_sent_to_who_lets_go_of_the_name_and_asks_anew() {
    mesh(snapshot(1, endpoints("a", 0), endpoints("b", 0)));
    subscribe(ResourceType.ENDPOINTS, "a", "b");
    nack(sent.remove(), "a: no");
    ackAll();

    for (int i = 0; i < 3; i++) {
      subscribe(ResourceType.ENDPOINTS, "a");
      request(
          ResourceType.ENDPOINTS,
          DeltaDiscoveryRequest.newBuilder().addResourceNamesUnsubscribe("a"));
      assertThat(state.status().rejected()).isFalse();
      subscribe(ResourceType.ENDPOINTS, "a");
    }

    assertThat(sent).isEmpty();
    assertThat(state.status().rejected()).isTrue();
    mesh(snapshot(2, endpoints("a", 1), endpoints("b", 0)));
    assertThat(names(sent.getFirst())).containsExactly("a");
  }

  @Test
  void of_endpoints_and_routes_the_others_of_a_refused_response_are_sent_once_more() {
    mesh(snapshot(1, route("a", "x"), route("b", "x"), route("c", "x")));
    subscribe(ResourceType.ROUTE, "a", "b", "c");

    nack(sent.remove(), "b: no");

    assertThat(names(sent.getFirst())).containsExactlyInAnyOrder("a", "c");
    ackAll();
    assertThat(sent).isEmpty();
  }

  @Test
  void a_refusal_that_names_nothing_is_narrowed_down_to_the_one_that_is_wrong() {
    List<LoadAssignment> all = IntStream.range(0, 16).mapToObj(i -> endpoints("c" + i, 0)).toList();
    mesh(snapshot(1, all.toArray(XdsResource[]::new)));
    subscribe(
        ResourceType.ENDPOINTS, all.stream().map(LoadAssignment::name).toArray(String[]::new));

    int responses = 0;
    while (!sent.isEmpty()) {
      responses++;
      DeltaDiscoveryResponse response = sent.remove();
      if (names(response).contains("c5")) {
        nack(response, "malformed address");
      } else {
        ack(response);
      }
    }

    assertThat(responses).isEqualTo(9);
    assertThat(state.held(ResourceType.ENDPOINTS)).hasSize(15);
    assertThat(state.status().rejected()).isTrue();
    mesh(snapshot(2, all.toArray(XdsResource[]::new)));
    assertThat(sent).isEmpty();
  }

  @Test
  void an_addition_waits_until_what_it_may_refer_to_is_acknowledged() {
    mesh(snapshot(1, cluster("a", 0), endpoints("a", 0), listener("l", 0), route("r", "a")));
    subscribe(ResourceType.CLUSTER);
    subscribe(ResourceType.ENDPOINTS, "a");
    subscribe(ResourceType.LISTENER);
    subscribe(ResourceType.ROUTE, "r");

    // Endpoints do not wait: Envoy acknowledges clusters only once it has heard of theirs.
    assertThat(sent)
        .extracting(DeltaStateTest::type)
        .containsExactly(ResourceType.CLUSTER, ResourceType.ENDPOINTS);
    ack(sent.removeLast());
    assertThat(sent).extracting(DeltaStateTest::type).containsExactly(ResourceType.CLUSTER);
    ack(sent.remove());
    assertThat(sent)
        .extracting(DeltaStateTest::type)
        .containsExactly(ResourceType.LISTENER, ResourceType.ROUTE);
  }

  @Test
  void a_changed_cluster_hears_its_endpoints_again() {
    mesh(snapshot(1, cluster("a", 0), cluster("b", 0), endpoints("a", 0), endpoints("b", 0)));
    subscribe(ResourceType.CLUSTER);
    subscribe(ResourceType.ENDPOINTS, "a", "b");
    ackAll();

    mesh(snapshot(2, cluster("a", 1), cluster("b", 0), endpoints("a", 0), endpoints("b", 0)));

    assertThat(sent)
        .extracting(DeltaStateTest::type)
        .containsExactly(ResourceType.CLUSTER, ResourceType.ENDPOINTS);
    assertThat(names(sent.getLast())).containsExactly("a");
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
  void every_resource_of_a_proxy_is_told_by_where_it_stands_and_how_long_an_answer_took() {
    mesh(snapshot(1, cluster("a", 0), cluster("b", 0), cluster("gone", 0)));
    subscribe(ResourceType.CLUSTER);
    nanoTime.addAndGet(TimeUnit.MILLISECONDS.toNanos(30));
    ackAll();
    mesh(snapshot(2, cluster("a", 0), cluster("b", 1), cluster("c", 0), listener("l", 0)));
    subscribe(ResourceType.LISTENER);

    assertThat(standings())
        .as("what is unanswered, what waits for it, and what is to go")
        .containsExactly("a SYNCED", "b SENT", "c SENT", "gone LEAVING", "l WAITING");
    assertThat(state.status().types().getFirst().tookMillis()).isEqualTo(30);
    nanoTime.addAndGet(TimeUnit.MILLISECONDS.toNanos(7));
    nack(sent.remove(), "b: no such thing");

    assertThat(state.status().types().getFirst().tookMillis()).isEqualTo(7);
    assertThat(state.resources())
        .filteredOn(resource -> resource.state() == ResourceStatus.State.REFUSED)
        .singleElement()
        .satisfies(refused -> {
          assertThat(refused.name()).isEqualTo("b");
          assertThat(refused.refused()).isEqualTo(refused.wanted()).isNotEqualTo(refused.acked());
          assertThat(refused.acked()).isEqualTo(EncodedResource.of(cluster("b", 0)).version());
          assertThat(refused.reason()).isEqualTo("b: no such thing");
        });
  }

  private List<String> standings() {
    return state.resources().stream()
        .map(resource -> resource.name() + " " + resource.state())
        .toList();
  }

  @Test
  void a_virtual_host_goes_in_the_step_in_which_another_takes_its_domain() {
    mesh(snapshot(1, host("a", "io")));
    subscribe(ResourceType.VIRTUAL_HOST);
    ackAll();

    mesh(snapshot(2, host("b", "io")));

    assertThat(names(sent.getFirst())).containsExactly("80/b");
    assertThat(sent.getFirst().getRemovedResourcesList()).containsExactly("80/a");
    ack(sent.remove());
    assertThat(sent).isEmpty();
    assertThat(synced()).isTrue();
  }

  private static VirtualHostConfig host(String name, String domain) {
    return new VirtualHostConfig(
        "80", new RouteTableConfig.VirtualHost(name, List.of(domain), List.of()));
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
    DeltaState fresh = new DeltaState(Interners.newWeakInterner(), nanoTime::get);
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

  /**
   * A proxy that asks for names, lets go of them, takes and refuses, while the mesh changes in what
   * it shares and in what it alone is told: in the end it has what it wants, but for what it
   * refused.
   */
  @Property(seed = "7", tries = 1000)
  void whatever_a_proxy_asks_and_refuses_it_ends_with_what_it_wants(
      @ForAll @Size(min = 1, max = 8) List<@Size(max = 5) Set<@IntRange(max = 19) Integer>> meshes,
      @ForAll @Size(min = 1, max = 60) List<@IntRange(max = 29) Integer> schedule) {
    NamingClient client = new NamingClient();
    int next = 0;
    for (int step : schedule) {
      String name = "c" + step / 6;
      switch (step % 6) {
        case 0 -> {
          if (next < meshes.size()) {
            client.mesh(layered(next + 1, meshes.get(next)));
            next++;
          }
        }
        case 1 -> client.answer(true);
        case 2 -> client.subscribe(name);
        case 3 -> client.unsubscribe(name);
        default -> client.answer(false);
      }
    }
    client.mesh(layered(meshes.size() + 1, meshes.getLast()));
    client.answerAll();
    client.assertInStep(layered(meshes.size() + 1, meshes.getLast()));
  }

  /**
   * A proxy that refuses each response with something wrong in it, without a word on which: of the
   * others it has the newest in the end, and what it once refused alone it is never told again.
   */
  @Property(seed = "8", tries = 500)
  void whatever_is_wrong_with_some_the_others_are_taken(
      @ForAll @Size(min = 1, max = 8) List<@Size(max = 5) Set<@IntRange(max = 19) Integer>> meshes,
      @ForAll @Size(min = 1, max = 60) List<@IntRange(max = 2) Integer> schedule) {
    GrumblingClient client = new GrumblingClient();
    int next = 0;
    for (int step : schedule) {
      if (step == 0 && next < meshes.size()) {
        client.mesh(mesh(next + 1, meshes.get(next)));
        next++;
      } else {
        client.answer();
      }
    }
    EncodedSnapshot newest = mesh(meshes.size() + 1, meshes.getLast());
    client.mesh(newest);
    client.answerAll();

    newest
        .of(ResourceType.CLUSTER)
        .forEach((name, resource) -> {
          if (!GrumblingClient.WRONG.contains(resource.version())) {
            assertThat(client.has).containsEntry(name, resource.version());
          }
        });
  }

  /** Takes nothing of a response in which anything is wrong. */
  private static final class GrumblingClient {
    static final Set<String> WRONG =
        IntStream.range(0, 5)
            .mapToObj(i -> EncodedResource.of(cluster("c" + i, 3)).version())
            .collect(Collectors.toUnmodifiableSet());

    private final DeltaState server = new DeltaState(Interners.newWeakInterner(), () -> 0);
    private final Deque<DeltaDiscoveryResponse> inFlight = new ArrayDeque<>();
    private final Map<String, String> has = new TreeMap<>();

    /** What the mesh still wants it to have. */
    private final Set<String> refusedAlone = new TreeSet<>();

    private List<String> current = List.of();

    GrumblingClient() {
      inFlight.addAll(
          server.request(DeltaDiscoveryRequest.getDefaultInstance(), ResourceType.CLUSTER));
    }

    void mesh(EncodedSnapshot fresh) {
      current =
          fresh.of(ResourceType.CLUSTER).values().stream().map(EncodedResource::version).toList();
      refusedAlone.retainAll(current);
      inFlight.addAll(server.snapshot(fresh));
    }

    void answer() {
      DeltaDiscoveryResponse response = inFlight.poll();
      if (response == null) {
        return;
      }
      DeltaDiscoveryRequest.Builder answer =
          DeltaDiscoveryRequest.newBuilder().setResponseNonce(response.getNonce());
      List<String> versions =
          response.getResourcesList().stream().map(Resource::getVersion).toList();
      if (versions.stream().anyMatch(WRONG::contains)) {
        assertThat(versions).noneMatch(refusedAlone::contains);
        if (versions.size() == 1 && current.containsAll(versions)) {
          refusedAlone.addAll(versions);
        }
        answer.getErrorDetailBuilder().setCode(3).setMessage("something is wrong");
      } else {
        response.getResourcesList().forEach(r -> has.put(r.getName(), r.getVersion()));
        response.getRemovedResourcesList().forEach(has::remove);
      }
      inFlight.addAll(server.request(answer.build(), ResourceType.CLUSTER));
    }

    void answerAll() {
      for (int i = 0; !inFlight.isEmpty(); i++) {
        assertThat(i).as("answers that are needed").isLessThan(20);
        answer();
      }
    }
  }

  /** Odd names are shared, even ones the proxy's own. */
  private static EncodedSnapshot layered(int generation, Set<Integer> numbers) {
    Map<String, EncodedResource> shared = new TreeMap<>();
    Map<String, EncodedResource> own = new TreeMap<>();
    for (int number : numbers) {
      EncodedResource resource = EncodedResource.of(endpoints("c" + number % 5, number / 5));
      (number % 5 % 2 == 1 ? shared : own).put(resource.name(), resource);
    }
    return new EncodedSnapshot(
        generation,
        new EncodedLayer(Map.of(ResourceType.ENDPOINTS, shared)),
        new EncodedLayer(Map.of(ResourceType.ENDPOINTS, own)));
  }

  /** A proxy by the letter of the protocol. */
  private static final class NamingClient {
    private final DeltaState server = new DeltaState(Interners.newWeakInterner(), () -> 0);
    private final Deque<DeltaDiscoveryResponse> inFlight = new ArrayDeque<>();
    private final Set<String> wanted = new TreeSet<>();
    private final Map<String, String> has = new TreeMap<>();
    private final Map<String, String> refused = new TreeMap<>();

    void mesh(EncodedSnapshot fresh) {
      inFlight.addAll(server.snapshot(fresh));
    }

    void subscribe(String name) {
      wanted.add(name);
      say(DeltaDiscoveryRequest.newBuilder().addResourceNamesSubscribe(name));
    }

    void unsubscribe(String name) {
      if (wanted.remove(name)) {
        has.remove(name);
        say(DeltaDiscoveryRequest.newBuilder().addResourceNamesUnsubscribe(name));
      }
    }

    /** Answers the first response, refusing its first resource where it is not taken. */
    void answer(boolean take) {
      DeltaDiscoveryResponse response = inFlight.poll();
      if (response == null) {
        return;
      }
      String bad =
          take || response.getResourcesCount() == 0 ? "" : response.getResources(0).getName();
      DeltaDiscoveryRequest.Builder answer =
          DeltaDiscoveryRequest.newBuilder().setResponseNonce(response.getNonce());
      response
          .getResourcesList()
          .forEach(resource -> {
            if (resource.getName().equals(bad)) {
              refused.put(bad, resource.getVersion());
            } else if (wanted.contains(resource.getName())) {
              has.put(resource.getName(), resource.getVersion());
              refused.remove(resource.getName());
            }
          });
      response.getRemovedResourcesList().forEach(has::remove);
      if (!bad.isEmpty()) {
        answer.getErrorDetailBuilder().setCode(3).setMessage(bad + ": no");
      }
      say(answer);
    }

    void answerAll() {
      while (!inFlight.isEmpty()) {
        answer(true);
      }
    }

    private void say(DeltaDiscoveryRequest.Builder request) {
      inFlight.addAll(server.request(request.build(), ResourceType.ENDPOINTS));
    }

    void assertInStep(EncodedSnapshot newest) {
      Map<String, String> expected = new TreeMap<>();
      Map<String, String> taken = new TreeMap<>(has);
      boolean refusing = false;
      for (String name : wanted) {
        EncodedResource resource = newest.find(ResourceType.ENDPOINTS, name);
        if (resource == null) {
          continue;
        }
        if (resource.version().equals(refused.get(name))) {
          refusing = true;
          taken.remove(name);
        } else {
          expected.put(name, resource.version());
        }
      }
      if (refusing) {
        // Nothing is removed while something refused may still refer to it.
        taken.keySet().removeIf(name -> newest.find(ResourceType.ENDPOINTS, name) == null);
      }
      assertThat(taken).isEqualTo(expected);
    }
  }

  /** Name and mark of each cluster from one number: 5 names, 4 marks. */
  private static EncodedSnapshot mesh(int generation, Set<Integer> numbers) {
    return snapshot(
        generation,
        numbers.stream().map(n -> cluster("c" + n % 5, n / 5)).toArray(XdsResource[]::new));
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
