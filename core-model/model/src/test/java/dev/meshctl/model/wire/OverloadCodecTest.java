package dev.meshctl.model.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.wire.EnvoyBootstrap.Outcome;
import dev.meshctl.model.xds.OverloadConfig;
import dev.meshctl.model.xds.OverloadConfig.Action;
import dev.meshctl.model.xds.OverloadConfig.Trigger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OverloadCodecTest {
  private static final String HEAP =
      """
        - name: heap
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig
            max_heap_size_bytes: 1000000
      """;
  private static final String CONNECTIONS =
      """
        - name: envoy.resource_monitors.global_downstream_max_connections
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig
            max_active_downstream_connections: 50
      """;

  private static Outcome read(String manager) {
    return EnvoyBootstrap.read("envoy.yaml", manager, DataFiles.NONE, false);
  }

  private static OverloadConfig taken(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Taken(var config, var leftAside) -> config.overload();
      case Outcome.Refused refused -> throw new AssertionError(refused);
    };
  }

  private static List<String> problems(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Refused(var problems) -> problems;
      case Outcome.Taken taken -> throw new AssertionError(taken);
    };
  }

  @Test
  void memory_is_cared_for_where_nothing_is_configured() {
    assertThat(taken(read("node: {id: a}"))).isEqualTo(OverloadConfig.DEFAULT);
    assertThat(OverloadConfig.DEFAULT.actions())
        .containsKeys(Action.STOP_ACCEPTING_REQUESTS, Action.STOP_ACCEPTING_CONNECTIONS);
  }

  @Test
  void a_limit_of_connections_leaves_the_care_for_memory_alone() {
    OverloadConfig config = taken(read("overload_manager:\n  resource_monitors:\n" + CONNECTIONS));

    assertThat(config.maxConnections()).isEqualTo(50);
    assertThat(config.actions()).isEqualTo(OverloadConfig.DEFAULT.actions());
  }

  @Test
  void actions_are_taken_as_they_are_configured() {
    OverloadConfig config =
        taken(
            read(
                "overload_manager:\n  refresh_interval: 0.25s\n  resource_monitors:\n"
                    + HEAP
                    + """
                      actions:
                      - name: envoy.overload_actions.stop_accepting_requests
                        triggers: [{name: heap, threshold: {value: 0.75}}]
                      - name: envoy.overload_actions.disable_http_keepalive
                        triggers:
                        - {name: heap, scaled: {scaling_threshold: 0.5, saturation_threshold: 0.7}}
                      - name: envoy.overload_actions.shrink_heap
                        triggers: [{name: heap, threshold: {value: 0.6}}]
                    """));

    assertThat(config)
        .isEqualTo(
            new OverloadConfig(
                Duration.ofMillis(250),
                1_000_000,
                0,
                Map.of(
                    Action.STOP_ACCEPTING_REQUESTS, List.of(Trigger.at(0.75)),
                    Action.DISABLE_KEEPALIVE, List.of(new Trigger(0.5, 0.7)))));
  }

  @Test
  void what_is_not_known_is_named() {
    String outcome =
        problems(
                read(
                    "overload_manager:\n  resource_monitors:\n"
                        + HEAP
                        + """
                          - name: cpu
                            typed_config:
                              "@type": type.googleapis.com/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig
                          actions:
                          - name: envoy.overload_actions.dance
                            triggers: [{name: heap, threshold: {value: 0.75}}]
                          - name: envoy.overload_actions.stop_accepting_requests
                            triggers: [{name: heat, threshold: {value: 0.75}}]
                          - name: envoy.overload_actions.stop_accepting_requests
                            triggers:
                            - {name: heap, scaled: {scaling_threshold: 0.9, saturation_threshold: 0.7}}
                        """))
            .toString();

    assertThat(outcome)
        .contains("resource_monitors[1].max_heap_size_bytes: 0 (expected: 1 or more)")
        .contains("actions[0]: envoy.overload_actions.dance (expected: stop_accepting_requests")
        .contains("actions[1].triggers[0]: heat (expected: the name of a fixed_heap)")
        .contains("actions[2].triggers[0]: 0.9 to 0.7 (expected: 0 to 1, the lower first)");
  }
}
