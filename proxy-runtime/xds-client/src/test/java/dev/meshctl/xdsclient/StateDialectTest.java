package dev.meshctl.xdsclient;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rules of nonces and versions in the state-of-the-world protocol. */
class StateDialectTest {
  private static final ProxyNode NODE =
      new ProxyNode(
          "alone",
          ProxyNode.Role.GATEWAY,
          "default",
          "alone",
          "alone",
          "default",
          Map.of(),
          new ProxyNode.Capture.Edge("0.0.0.0"));
  private static final Any ENDPOINTS = EncodedResource.of(new LoadAssignment("a", List.of())).any();

  private final StateDialect dialect = new StateDialect(NODE, false);

  private DiscoveryRequest one(Ask ask) {
    List<DiscoveryRequest> requests = dialect.requests(List.of(ask));
    assertThat(requests).hasSize(1);
    return requests.getFirst();
  }

  private static Ask begin(String... names) {
    return new Ask.Begin(ResourceType.ENDPOINTS, Set.of(names), Map.of(), false);
  }

  private static Ask answer(String nonce, String refusal) {
    return new Ask.Answer(
        ResourceType.ENDPOINTS, nonce, refusal.isEmpty() ? Optional.empty() : Optional.of(refusal));
  }

  private void offered(String version, String nonce) {
    dialect.update(response(version, nonce));
  }

  private static DiscoveryResponse response(String version, String nonce) {
    return DiscoveryResponse.newBuilder()
        .setTypeUrl(ResourceType.ENDPOINTS.typeUrl())
        .setVersionInfo(version)
        .setNonce(nonce)
        .addResources(ENDPOINTS)
        .build();
  }

  @Test
  void an_ack_carries_the_new_version_and_a_nack_the_one_in_force() {
    dialect.begin();
    assertThat(one(begin("a")).getVersionInfo()).isEmpty();
    offered("1", "n1");
    DiscoveryRequest ack = one(answer("n1", ""));
    offered("2", "n2");
    DiscoveryRequest nack = one(answer("n2", "a: bad"));

    assertThat(ack.getVersionInfo()).isEqualTo("1");
    assertThat(ack.getResponseNonce()).isEqualTo("n1");
    assertThat(ack.hasErrorDetail()).isFalse();
    assertThat(nack.getVersionInfo()).isEqualTo("1");
    assertThat(nack.getResponseNonce()).isEqualTo("n2");
    assertThat(nack.getErrorDetail().getMessage()).isEqualTo("a: bad");
    assertThat(nack.getResourceNamesList()).containsExactly("a");
  }

  @Test
  void the_answer_to_a_response_that_a_newer_one_replaced_is_not_sent() {
    dialect.begin();
    one(begin("a"));
    offered("1", "n1");
    offered("2", "n2");

    assertThat(dialect.requests(List.of(answer("n1", "")))).isEmpty();
    assertThat(one(answer("n2", "")).getVersionInfo()).isEqualTo("2");
  }

  @Test
  void each_request_names_all_that_is_wanted_and_none_asks_for_nothing() {
    dialect.begin();
    one(begin("a"));
    DiscoveryRequest more = one(new Ask.Change(ResourceType.ENDPOINTS, Set.of("b"), Set.of()));

    assertThat(more.getResourceNamesList()).containsExactlyInAnyOrder("a", "b");
    assertThat(
            dialect.requests(
                List.of(new Ask.Change(ResourceType.ENDPOINTS, Set.of(), Set.of("a", "b")))))
        .isEmpty();
  }

  @Test
  void a_new_stream_names_the_node_once_and_no_old_nonce() {
    dialect.begin();
    assertThat(one(begin("a")).hasNode()).isTrue();
    offered("1", "n1");
    assertThat(one(answer("n1", "")).hasNode()).isFalse();

    dialect.begin();
    DiscoveryRequest again =
        one(new Ask.Begin(ResourceType.ENDPOINTS, Set.of("a"), Map.of("a", "1"), false));

    assertThat(again.hasNode()).isTrue();
    assertThat(again.getResponseNonce()).isEmpty();
    assertThat(again.getVersionInfo()).isEqualTo("1");
  }

  @Test
  void names_that_were_added_while_a_response_was_on_its_way_are_asked_for_with_its_nonce() {
    dialect.begin();
    one(begin("a"));
    offered("1", "n1");
    one(answer("n1", ""));
    one(new Ask.Change(ResourceType.ENDPOINTS, Set.of("b"), Set.of()));

    offered("2", "n2");

    assertThat(dialect.repeats())
        .singleElement()
        .satisfies(again -> {
          assertThat(again.getResponseNonce()).isEqualTo("n2");
          assertThat(again.getVersionInfo()).as("not taken yet").isEqualTo("1");
          assertThat(again.hasErrorDetail()).isFalse();
          assertThat(again.getResourceNamesList()).containsExactlyInAnyOrder("a", "b");
        });
    assertThat(dialect.repeats()).isEmpty();
    offered("2", "n3");
    assertThat(dialect.repeats()).isEmpty();
  }

  @Test
  void what_an_answer_says_is_not_repeated() {
    dialect.begin();
    one(begin("a"));
    one(new Ask.Change(ResourceType.ENDPOINTS, Set.of("b"), Set.of()));
    offered("1", "n1");

    assertThat(one(answer("n1", "")).getResourceNamesList()).containsExactlyInAnyOrder("a", "b");
    assertThat(dialect.repeats()).isEmpty();
  }

  @Test
  void a_poll_that_asks_for_more_than_before_carries_no_version() {
    StateDialect polls = new StateDialect(NODE, true);
    polls.begin();
    polls.requests(List.of(begin("old")));
    polls.poll(ResourceType.ENDPOINTS);
    polls.update(response("1", ""));
    polls.requests(List.of(answer("", "")));
    assertThat(polls.poll(ResourceType.ENDPOINTS).getVersionInfo()).isEqualTo("1");

    polls.requests(List.of(new Ask.Change(ResourceType.ENDPOINTS, Set.of("new"), Set.of("old"))));

    DiscoveryRequest more = polls.poll(ResourceType.ENDPOINTS);
    assertThat(more.getResourceNamesList()).containsExactly("new");
    assertThat(more.getVersionInfo()).isEmpty();
  }

  @Test
  void the_answer_to_a_poll_is_no_answer_for_names_that_were_added_meanwhile() {
    StateDialect polls = new StateDialect(NODE, true);
    polls.begin();
    polls.requests(List.of(begin("old")));
    polls.poll(ResourceType.ENDPOINTS);
    polls.requests(List.of(new Ask.Change(ResourceType.ENDPOINTS, Set.of("new"), Set.of())));
    polls.update(response("1", ""));
    polls.requests(List.of(answer("", "")));

    assertThat(polls.poll(ResourceType.ENDPOINTS).getVersionInfo()).isEmpty();

    polls.update(response("1", ""));
    polls.requests(List.of(answer("", "")));
    assertThat(polls.poll(ResourceType.ENDPOINTS).getVersionInfo()).isEqualTo("1");
  }

  @Test
  void a_wrapped_resource_is_unwrapped() {
    dialect.begin();
    Optional<Update> update =
        dialect.update(
            DiscoveryResponse.newBuilder()
                .setTypeUrl(ResourceType.ENDPOINTS.typeUrl())
                .setVersionInfo("1")
                .addResources(
                    Any.pack(Resource.newBuilder().setName("a").setResource(ENDPOINTS).build()))
                .build());

    assertThat(update).isPresent();
    assertThat(update.orElseThrow().resources())
        .containsExactly(new Update.Content("a", "1", 0, ENDPOINTS));
  }
}
