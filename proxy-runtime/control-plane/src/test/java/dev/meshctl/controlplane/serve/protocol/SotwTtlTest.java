package dev.meshctl.controlplane.serve.protocol;

import static dev.meshctl.controlplane.serve.encoded.Meshes.cluster;
import static dev.meshctl.controlplane.serve.encoded.Meshes.endpoints;
import static dev.meshctl.controlplane.serve.encoded.Meshes.lent;
import static dev.meshctl.controlplane.serve.encoded.Meshes.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Status;
import dev.meshctl.controlplane.serve.encoded.EncodedSnapshot;
import dev.meshctl.model.xds.ResourceType;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a state-of-the-world stream lends for a time, and how it lends it anew. */
class SotwTtlTest {
  private static final Duration TTL = Duration.ofSeconds(30);

  private final AtomicLong nanoTime = new AtomicLong(-5);
  private final SotwState state = new SotwState(nanoTime::get);

  private void pass(int seconds) {
    nanoTime.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }

  private List<DiscoveryResponse> ask(
      ResourceType type, String version, String nonce, String refusal, String... names) {
    DiscoveryRequest.Builder request =
        DiscoveryRequest.newBuilder()
            .setTypeUrl(type.typeUrl())
            .setVersionInfo(version)
            .setResponseNonce(nonce)
            .addAllResourceNames(List.of(names));
    if (!refusal.isEmpty()) {
      request.setErrorDetail(Status.newBuilder().setCode(13).setMessage(refusal));
    }
    return state.request(request.build(), type);
  }

  private List<DiscoveryResponse> ack(DiscoveryResponse response, String... names) {
    for (ResourceType type : ResourceType.values()) {
      if (type.typeUrl().equals(response.getTypeUrl())) {
        return ask(type, response.getVersionInfo(), response.getNonce(), "", names);
      }
    }
    throw new AssertionError(response.getTypeUrl());
  }

  /** {@code NAME} with its content, {@code (NAME)} without, and for how many seconds. */
  private static List<String> texts(List<DiscoveryResponse> responses) throws Exception {
    List<String> texts = new ArrayList<>();
    for (DiscoveryResponse response : responses) {
      for (Any each : response.getResourcesList()) {
        Resource wrapped = unwrapped(each);
        String name = wrapped.hasResource() ? wrapped.getName() : "(" + wrapped.getName() + ")";
        texts.add(name + " " + wrapped.getTtl().getSeconds() + "s");
      }
    }
    return texts;
  }

  private static Resource unwrapped(Any any) throws InvalidProtocolBufferException {
    return any.unpack(Resource.class);
  }

  @Test
  void clusters_come_wrapped_and_are_renewed_all_of_them_with_their_content() throws Exception {
    state.snapshot(lent(1, TTL, cluster("a", 0), cluster("b", 0)));
    List<DiscoveryResponse> first = ask(ResourceType.CLUSTER, "", "", "");
    assertThat(texts(first)).containsExactly("a 30s", "b 30s");
    ack(first.getFirst());
    pass(9);
    assertThat(state.renew()).isEmpty();
    pass(1);

    List<DiscoveryResponse> renewed = state.renew();

    assertThat(texts(renewed)).containsExactly("a 30s", "b 30s");
    assertThat(renewed.getFirst().getVersionInfo()).isEqualTo(first.getFirst().getVersionInfo());
    assertThat(ack(renewed.getFirst())).isEmpty();
    assertThat(state.renew()).isEmpty();
  }

  @Test
  void endpoints_are_renewed_by_heartbeats_of_the_version_that_was_taken() throws Exception {
    state.snapshot(lent(1, TTL, endpoints("a", 0), endpoints("b", 0)));
    List<DiscoveryResponse> first = ask(ResourceType.ENDPOINTS, "", "", "", "a", "b");
    ack(first.getFirst(), "a", "b");
    pass(10);

    List<DiscoveryResponse> renewed = state.renew();

    assertThat(texts(renewed)).containsExactly("(a) 30s", "(b) 30s");
    String version = first.getFirst().getVersionInfo();
    assertThat(renewed.getFirst().getVersionInfo()).isEqualTo(version);
    assertThat(unwrapped(renewed.getFirst().getResources(0)).getVersion()).isEqualTo(version);
  }

  @Test
  void who_has_not_what_a_heartbeat_is_for_is_told_it_again() throws Exception {
    state.snapshot(lent(1, TTL, endpoints("a", 0)));
    DiscoveryResponse first = ask(ResourceType.ENDPOINTS, "", "", "", "a").getFirst();
    ack(first, "a");
    pass(10);
    DiscoveryResponse renewed = state.renew().getFirst();

    List<DiscoveryResponse> again =
        ask(ResourceType.ENDPOINTS, first.getVersionInfo(), renewed.getNonce(), "none", "a");

    assertThat(texts(again)).containsExactly("a 30s");
    assertThat(state.status().rejected()).isFalse();
  }

  @Test
  void what_was_not_renewed_in_time_is_told_again() throws Exception {
    state.snapshot(lent(1, TTL, endpoints("a", 0)));
    ack(ask(ResourceType.ENDPOINTS, "", "", "", "a").getFirst(), "a");
    pass(30);

    assertThat(texts(state.renew())).containsExactly("a 30s");
  }

  @Test
  void a_version_from_another_stream_is_no_promise_to_hold_what_was_lent() throws Exception {
    EncodedSnapshot mesh = lent(1, TTL, cluster("a", 0));
    state.snapshot(mesh);
    String version = ask(ResourceType.CLUSTER, "", "", "").getFirst().getVersionInfo();

    SotwState other = new SotwState(nanoTime::get);
    other.snapshot(mesh);
    DiscoveryRequest again = DiscoveryRequest.newBuilder().setVersionInfo(version).build();
    assertThat(texts(other.request(again, ResourceType.CLUSTER))).containsExactly("a 30s");
  }

  @Test
  void a_refusal_of_a_change_stands_after_a_renewal() throws Exception {
    state.snapshot(lent(1, TTL, cluster("a", 0), cluster("b", 0)));
    DiscoveryResponse first = ask(ResourceType.CLUSTER, "", "", "").getFirst();
    ack(first);
    DiscoveryResponse change =
        state.snapshot(lent(2, TTL, cluster("a", 1), cluster("b", 0))).getFirst();
    assertThat(ask(ResourceType.CLUSTER, first.getVersionInfo(), change.getNonce(), "a: bad"))
        .isEmpty();
    pass(10);

    DiscoveryResponse renewed = state.renew().getFirst();

    assertThat(renewed.getVersionInfo()).isEqualTo(first.getVersionInfo());
    assertThat(renewed.getResourcesList()).isEqualTo(first.getResourcesList());
    assertThat(ack(renewed)).isEmpty();
    assertThat(state.status().rejected()).isTrue();
  }

  @Test
  void what_is_not_lent_comes_unwrapped_and_is_never_told_again() {
    state.snapshot(snapshot(1, cluster("a", 0)));
    DiscoveryResponse first = ask(ResourceType.CLUSTER, "", "", "").getFirst();
    assertThat(first.getResources(0).is(Resource.class)).isFalse();
    ack(first);
    pass(1000);

    assertThat(state.renew()).isEmpty();
  }
}
