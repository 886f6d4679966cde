package dev.meshctl.dataplane.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FailureTest {
  /** As a real Envoy answers and logs them. */
  @ParameterizedTest
  @CsvSource({
    "NO_ROUTE, 404, 12, NR, route_not_found",
    "NO_CLUSTER, 503, 14, NC, cluster_not_found",
    "NO_HEALTHY_UPSTREAM, 503, 14, UH, no_healthy_upstream",
    "OVERFLOW, 503, 14, UO, overflow",
    "CONNECTION_TERMINATED, 503, 14, UC,"
        + " upstream_reset_before_response_started{connection_termination}",
    "UPSTREAM_TIMEOUT, 504, 14, UT, response_timeout",
    "HEADERS_TOO_LARGE, 431, 2, DPE, request_headers_too_large",
    "RATE_LIMITED, 429, 14, RL, request_rate_limited",
    "CLIENT_GONE, 0, 2, DC, downstream_remote_disconnect",
    "IDLE_REQUEST, 408, 2, SI, stream_idle_timeout",
    "EXTERNALLY_DENIED, 403, 7, UAEX, ext_authz_denied",
    "LOCAL_HEALTH, 503, 14, LH, health_check_failed"
  })
  void a_failure_has_envoys_status_flag_and_details(
      Failure.Plain failure, int status, int grpcStatus, String flags, String details) {
    assertThat(failure.status()).isEqualTo(status);
    assertThat(failure.grpcStatus()).isEqualTo(grpcStatus);
    assertThat(ResponseFlag.text(failure.flags())).isEqualTo(flags);
    assertThat(failure.details()).isEqualTo(details);
  }

  static Stream<Failure> all() {
    return Stream.concat(
        Arrays.stream(Failure.Plain.values()),
        Stream.of(
            new Failure.ConnectFailed("connection refused"),
            new Failure.Injected(555, -1),
            new Failure.Injected(0, 14),
            new Failure.Shed(503, "reached_concurrency_limit", ""),
            new Failure.Denied("deny-all")));
  }

  @ParameterizedTest
  @MethodSource("all")
  void details_are_one_word_so_that_a_log_line_keeps_its_fields(Failure failure) {
    assertThat(failure.details()).isNotEmpty().doesNotContainAnyWhitespaces();
    assertThat(failure.status()).isIn(statuses());
  }

  private static Set<Integer> statuses() {
    return new HashSet<>(
        Arrays.asList(0, 200, 400, 403, 404, 408, 413, 426, 429, 431, 502, 503, 504, 555));
  }

  @Test
  void a_grpc_abort_keeps_its_status_and_has_one_for_plain_http() {
    Failure abort = new Failure.Injected(0, 14);

    assertThat(abort.status()).isEqualTo(503);
    assertThat(abort.grpcStatus()).isEqualTo(14);
  }

  @Test
  void flags_of_several_causes_stand_side_by_side() {
    assertThat(ResponseFlag.text(ResponseFlag.URX.bit() | ResponseFlag.UF.bit()))
        .isEqualTo("UF,URX");
    assertThat(ResponseFlag.text(0)).isEmpty();
  }
}
