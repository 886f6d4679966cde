package dev.meshctl.controlplane.serve.protocol;

import static dev.meshctl.controlplane.serve.encoded.Meshes.cluster;
import static dev.meshctl.controlplane.serve.encoded.Meshes.endpoints;
import static dev.meshctl.controlplane.serve.encoded.Meshes.listener;
import static dev.meshctl.controlplane.serve.encoded.Meshes.route;
import static dev.meshctl.controlplane.serve.encoded.Meshes.snapshot;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.rpc.Status;
import dev.meshctl.controlplane.serve.encoded.EncodedSnapshot;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.wire.Decoded;
import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.wire.XdsCodec;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.XdsResource;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** State of the world, told to a bare client message by message. */
class SotwStateTest {
  private final AtomicLong nanoTime = new AtomicLong();
  private final SotwState state = new SotwState(nanoTime::get);
  private final Deque<DiscoveryResponse> sent = new ArrayDeque<>();
  private final Map<ResourceType, List<String>> subscribed = new EnumMap<>(ResourceType.class);

  private void mesh(EncodedSnapshot snapshot) {
    sent.addAll(state.snapshot(snapshot));
  }

  private void request(ResourceType type, DiscoveryRequest.Builder request) {
    sent.addAll(
        state.request(
            request
                .setTypeUrl(type.typeUrl())
                .addAllResourceNames(subscribed.getOrDefault(type, List.of()))
                .build(),
            type));
  }

  private void subscribe(ResourceType type, String... names) {
    subscribed.put(type, List.of(names));
    request(type, DiscoveryRequest.newBuilder());
  }

  private void ack(DiscoveryResponse response) {
    request(
        type(response),
        DiscoveryRequest.newBuilder()
            .setVersionInfo(response.getVersionInfo())
            .setResponseNonce(response.getNonce()));
  }

  private void nack(DiscoveryResponse response, String message) {
    request(
        type(response),
        DiscoveryRequest.newBuilder()
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

  private static ResourceType type(DiscoveryResponse response) {
    for (ResourceType type : ResourceType.values()) {
      if (type.typeUrl().equals(response.getTypeUrl())) {
        return type;
      }
    }
    throw new AssertionError(response.getTypeUrl());
  }

  private static List<String> names(DiscoveryResponse response) {
    List<String> names = new ArrayList<>();
    for (Any any : response.getResourcesList()) {
      names.add(name(type(response), any));
    }
    return names;
  }

  private static String name(ResourceType type, Any any) {
    return ((Decoded.Accepted) XdsCodec.decode(type, any)).resource().name();
  }

  @Test
  void every_resource_of_a_proxy_is_told_by_where_it_stands_and_how_long_an_answer_took() {
    mesh(snapshot(1, cluster("a", 0), cluster("b", 0)));
    subscribe(ResourceType.CLUSTER);
    nanoTime.addAndGet(TimeUnit.MILLISECONDS.toNanos(30));
    ackAll();
    mesh(snapshot(2, cluster("a", 0), cluster("b", 1), cluster("c", 0)));

    assertThat(state.resources())
        .extracting(resource -> resource.name() + " " + resource.state())
        .containsExactly("a SYNCED", "b SENT", "c SENT");
    assertThat(state.status().types().getFirst().tookMillis()).isEqualTo(30);
    nack(sent.remove(), "b: no such thing");

    assertThat(state.resources())
        .extracting(resource -> resource.name() + " " + resource.state() + resource.reason())
        .containsExactly("a SYNCED", "b REFUSEDb: no such thing", "c SENT");
  }

  @Test
  void clusters_always_come_whole_because_absence_removes() {
    mesh(snapshot(1, cluster("a", 0), cluster("b", 0)));
    subscribe(ResourceType.CLUSTER);
    ackAll();

    mesh(snapshot(2, cluster("a", 0), cluster("b", 1)));

    assertThat(sent).hasSize(1);
    assertThat(names(sent.getFirst())).containsExactly("a", "b");
  }

  @Test
  void an_acknowledged_version_is_not_sent_again() {
    mesh(snapshot(1, cluster("a", 0)));
    subscribe(ResourceType.CLUSTER);
    ackAll();

    mesh(snapshot(2, cluster("a", 0)));

    assertThat(sent).isEmpty();
    assertThat(synced()).isTrue();
    assertThat(state.status().ackedGeneration()).isEqualTo(2);
  }

  @Test
  void endpoints_come_only_where_they_changed() {
    mesh(snapshot(1, endpoints("a", 0), endpoints("b", 0)));
    subscribe(ResourceType.ENDPOINTS, "a", "b");
    assertThat(names(sent.getFirst())).containsExactly("a", "b");
    ackAll();

    mesh(snapshot(2, endpoints("a", 0), endpoints("b", 1)));

    assertThat(names(sent.getFirst())).containsExactly("b");
  }

  @Test
  void a_newly_named_resource_is_sent_and_the_others_are_not() {
    mesh(snapshot(1, endpoints("a", 0), endpoints("b", 0)));
    subscribe(ResourceType.ENDPOINTS, "a");
    DiscoveryResponse first = sent.remove();
    subscribed.put(ResourceType.ENDPOINTS, List.of("a", "b"));
    ack(first);

    assertThat(names(sent.getFirst())).containsExactly("b");
  }

  @Test
  void a_changed_cluster_hears_its_endpoints_again() {
    mesh(snapshot(1, cluster("a", 0), cluster("b", 0), endpoints("a", 0), endpoints("b", 0)));
    subscribe(ResourceType.CLUSTER);
    ackAll();
    subscribe(ResourceType.ENDPOINTS, "a", "b");
    ackAll();

    mesh(snapshot(2, cluster("a", 1), cluster("b", 0), endpoints("a", 0), endpoints("b", 0)));
    ack(sent.remove());

    assertThat(type(sent.getFirst())).isEqualTo(ResourceType.ENDPOINTS);
    assertThat(names(sent.getFirst())).containsExactly("a");
  }

  @Test
  void a_refused_version_is_never_sent_again_but_its_successor_is() {
    mesh(snapshot(1, cluster("a", 0)));
    subscribe(ResourceType.CLUSTER);
    ackAll();
    mesh(snapshot(2, cluster("a", 1)));
    nack(sent.remove(), "a: no");

    assertThat(sent).isEmpty();
    assertThat(state.status().state()).isEqualTo(ProxyView.State.REJECTED);
    mesh(snapshot(3, cluster("a", 1)));
    assertThat(sent).isEmpty();

    mesh(snapshot(4, cluster("a", 2)));
    assertThat(sent).hasSize(1);
    ackAll();
    assertThat(synced()).isTrue();
  }

  @Test
  void a_refused_listener_does_not_come_again_with_the_others() {
    mesh(snapshot(1, listener("l", 0), listener("m", 0)));
    subscribe(ResourceType.LISTENER);
    nack(sent.remove(), "Error adding/updating listener(s) l: cannot bind");
    assertThat(names(sent.getFirst())).containsExactly("m");
    ackAll();

    mesh(snapshot(2, listener("l", 0), listener("m", 1)));
    assertThat(names(sent.getFirst())).containsExactly("m");
    ackAll();
    assertThat(state.status().state()).isEqualTo(ProxyView.State.REJECTED);

    mesh(snapshot(3, listener("l", 1), listener("m", 1)));
    assertThat(names(sent.getFirst())).containsExactly("l", "m");
    ackAll();
    assertThat(synced()).isTrue();
  }

  @Test
  void a_refused_cluster_stands_beside_the_others_as_it_was_before() {
    mesh(snapshot(1, cluster("a", 0), cluster("b", 0)));
    subscribe(ResourceType.CLUSTER);
    Any before = sent.getFirst().getResources(0);
    ackAll();
    mesh(snapshot(2, cluster("a", 1), cluster("b", 1)));
    nack(sent.remove(), "a: no");

    assertThat(names(sent.getFirst())).containsExactly("a", "b");
    assertThat(sent.getFirst().getResources(0)).isEqualTo(before);
    ackAll();
    assertThat(sent).isEmpty();
  }

  @Test
  void a_refused_version_is_not_sent_to_who_lets_go_of_the_name_and_asks_anew() {
    mesh(snapshot(1, endpoints("a", 0)));
    subscribe(ResourceType.ENDPOINTS, "a");
    nack(sent.remove(), "a: no");

    for (int i = 0; i < 3; i++) {
      subscribe(ResourceType.ENDPOINTS, "other");
      assertThat(state.status().rejected()).isFalse();
      subscribe(ResourceType.ENDPOINTS, "a");
    }

    assertThat(sent).isEmpty();
    assertThat(state.status().rejected()).isTrue();
  }

  @Test
  void a_refusal_that_names_nothing_is_narrowed_down_to_the_one_that_is_wrong() {
    mesh(snapshot(1, route("a", "x"), route("b", "x"), route("c", "x"), route("d", "x")));
    subscribe(ResourceType.ROUTE, "a", "b", "c", "d");

    List<List<String>> told = new ArrayList<>();
    while (!sent.isEmpty()) {
      DiscoveryResponse response = sent.remove();
      told.add(names(response));
      if (names(response).contains("b")) {
        nack(response, "route: unknown cluster 'x'");
      } else {
        ack(response);
      }
    }

    assertThat(told)
        .containsExactly(
            List.of("a", "b", "c", "d"),
            List.of("a", "b"),
            List.of("a"),
            List.of("b"),
            List.of("c", "d"));
    mesh(snapshot(2, route("a", "x"), route("b", "x"), route("c", "x"), route("d", "x")));
    assertThat(sent).isEmpty();
  }

  @Test
  void what_is_gone_is_dropped_only_after_the_additions_were_acknowledged() {
    mesh(snapshot(1, cluster("a", 0), listener("l", 0), route("r", "a")));
    subscribe(ResourceType.CLUSTER);
    subscribe(ResourceType.LISTENER);
    subscribe(ResourceType.ROUTE, "r");
    ackAll();

    mesh(snapshot(2, cluster("b", 0), listener("l", 0), route("r", "b")));

    List<List<String>> order = new ArrayList<>();
    while (!sent.isEmpty()) {
      DiscoveryResponse response = sent.remove();
      order.add(names(response));
      ack(response);
    }
    assertThat(order).containsExactly(List.of("b", "a"), List.of("r"), List.of("b"));
  }

  @Test
  void a_reconnected_proxy_with_the_current_version_is_left_in_peace() {
    mesh(snapshot(1, cluster("a", 0)));
    subscribe(ResourceType.CLUSTER);
    String version = sent.remove().getVersionInfo();

    SotwState reconnected = new SotwState(nanoTime::get);
    reconnected.snapshot(snapshot(5, cluster("a", 0)));
    DiscoveryRequest same =
        DiscoveryRequest.newBuilder()
            .setTypeUrl(ResourceType.CLUSTER.typeUrl())
            .setVersionInfo(version)
            .build();
    assertThat(reconnected.request(same, ResourceType.CLUSTER)).isEmpty();

    SotwState behind = new SotwState(nanoTime::get);
    behind.snapshot(snapshot(5, cluster("a", 1)));
    assertThat(behind.request(same, ResourceType.CLUSTER)).hasSize(1);
  }

  @Test
  void a_request_that_answers_an_older_response_is_ignored() {
    mesh(snapshot(1, cluster("a", 0)));
    subscribe(ResourceType.CLUSTER);
    DiscoveryResponse first = sent.remove();
    ack(first);
    mesh(snapshot(2, cluster("a", 1)));
    DiscoveryResponse second = sent.remove();

    nack(first, "late");
    assertThat(sent).isEmpty();
    assertThat(state.status().state()).isEqualTo(ProxyView.State.STALE);
    ack(second);
    assertThat(synced()).isTrue();
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
  void before_a_mesh_is_known_nothing_is_said() {
    mesh(EncodedSnapshot.EMPTY);
    subscribe(ResourceType.CLUSTER);

    assertThat(sent).isEmpty();
  }

  /**
   * Meshes, answers, refusals and wishes in any order: once nothing is on its way a proxy has of
   * what it wants the newest, but for what it refused.
   */
  @Property(seed = "9", tries = 1000)
  void whatever_a_proxy_asks_and_refuses_it_ends_with_what_it_wants(
      @ForAll @Size(min = 1, max = 8) List<@Size(max = 5) Set<@IntRange(max = 19) Integer>> meshes,
      @ForAll @Size(min = 1, max = 80) List<@IntRange(max = 24) Integer> schedule) {
    AskingClient client = new AskingClient();
    int next = 0;
    for (int step : schedule) {
      switch (step / 5) {
        case 0 -> {
          if (next < meshes.size()) {
            client.mesh(numbered(next + 1, meshes.get(next)));
            next++;
          }
        }
        case 1 -> client.answer(true);
        case 2 -> client.wish("c" + step % 5, true);
        case 3 -> client.wish("c" + step % 5, false);
        default -> client.answer(false);
      }
    }
    EncodedSnapshot newest = numbered(meshes.size() + 1, meshes.getLast());
    client.mesh(newest);
    client.answerAll();
    client.assertInStep(newest);
  }

  /** Of each of 5 names a cluster and its endpoints, in one of 4 shapes. */
  private static EncodedSnapshot numbered(int generation, Set<Integer> numbers) {
    List<XdsResource> all = new ArrayList<>();
    for (int number : numbers) {
      all.add(cluster("c" + number % 5, number / 5));
      all.add(endpoints("c" + number % 5, number / 5));
    }
    return snapshot(generation, all.toArray(XdsResource[]::new));
  }

  /** Takes all clusters, and the endpoints that it wishes for; says what it refuses by name. */
  private static final class AskingClient {
    private final SotwState server = new SotwState(() -> 0);
    private final Deque<DiscoveryResponse> inFlight = new ArrayDeque<>();
    private final Set<String> wished = new TreeSet<>();
    private final Map<String, Any> clusters = new TreeMap<>();
    private final Map<String, Any> endpoints = new TreeMap<>();

    /** All that it ever refused. */
    private final Set<Any> refused = new HashSet<>();

    private final Map<ResourceType, DiscoveryResponse> last = new EnumMap<>(ResourceType.class);

    AskingClient() {
      say(ResourceType.CLUSTER, DiscoveryRequest.newBuilder());
    }

    private void say(ResourceType type, DiscoveryRequest.Builder request) {
      if (type == ResourceType.ENDPOINTS) {
        request.addAllResourceNames(wished);
      }
      inFlight.addAll(server.request(request.setTypeUrl(type.typeUrl()).build(), type));
    }

    void mesh(EncodedSnapshot fresh) {
      inFlight.addAll(server.snapshot(fresh));
    }

    /**
     * A name that is let go and wished for again while a response is under way is a case that the
     * protocol leaves open: the server need not read requests that do not answer its newest.
     */
    void wish(String name, boolean wanted) {
      boolean underWay = inFlight.stream().anyMatch(r -> type(r) == ResourceType.ENDPOINTS);
      if (wanted ? wished.add(name) : !underWay && wished.size() > 1 && wished.remove(name)) {
        endpoints.keySet().retainAll(wished);
        DiscoveryRequest.Builder request = DiscoveryRequest.newBuilder();
        DiscoveryResponse taken = last.get(ResourceType.ENDPOINTS);
        if (taken != null) {
          request.setVersionInfo(taken.getVersionInfo()).setResponseNonce(taken.getNonce());
        }
        say(ResourceType.ENDPOINTS, request);
      }
    }

    /** Answers the first response, refusing its last resource where it is not taken. */
    void answer(boolean take) {
      DiscoveryResponse response = inFlight.poll();
      if (response == null) {
        return;
      }
      ResourceType type = type(response);
      Map<String, Any> brought = new TreeMap<>();
      response.getResourcesList().forEach(any -> brought.put(name(type, any), any));
      DiscoveryRequest.Builder request =
          DiscoveryRequest.newBuilder().setResponseNonce(response.getNonce());
      Map<String, Any> has = type == ResourceType.CLUSTER ? clusters : endpoints;
      String bad =
          brought.entrySet().stream()
              .filter(each -> !each.getValue().equals(has.get(each.getKey())))
              .map(Map.Entry::getKey)
              .reduce((one, other) -> other)
              .orElse("");
      if (!take && !bad.isEmpty()) {
        refused.add(requireNonNull(brought.get(bad)));
        request.getErrorDetailBuilder().setCode(3).setMessage(bad + ": no");
      } else {
        if (type == ResourceType.CLUSTER) {
          clusters.keySet().retainAll(brought.keySet());
        }
        brought.forEach((name, any) -> {
          if (type == ResourceType.CLUSTER || wished.contains(name)) {
            has.put(name, any);
          }
        });
        request.setVersionInfo(response.getVersionInfo());
      }
      last.put(type, response);
      say(type, request);
    }

    void answerAll() {
      for (int i = 0; !inFlight.isEmpty(); i++) {
        assertThat(i).as("answers that are needed").isLessThan(50);
        answer(true);
      }
    }

    private boolean isRefused(EncodedResource wanted) {
      return refused.contains(wanted.any());
    }

    void assertInStep(EncodedSnapshot newest) {
      newest.of(ResourceType.CLUSTER).values().stream()
          .filter(wanted -> !isRefused(wanted))
          .forEach(wanted -> assertThat(clusters).containsEntry(wanted.name(), wanted.any()));
      for (String name : wished) {
        EncodedResource wanted = newest.find(ResourceType.ENDPOINTS, name);
        if (wanted != null && !isRefused(wanted)) {
          assertThat(endpoints).containsEntry(name, wanted.any());
        }
      }
      if (refused.isEmpty()) {
        assertThat(clusters).containsOnlyKeys(newest.of(ResourceType.CLUSTER).keySet());
        assertThat(server.status().types())
            .allMatch(each -> each.ackedGeneration() == newest.generation());
      }
    }
  }
}
