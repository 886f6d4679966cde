package dev.meshctl.dataplane.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.xds.Retry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryRuleTest {
  /** Columns: statuses and gRPC statuses that are retried, then failed connect, reset, refused. */
  @ParameterizedTest
  @CsvSource({
    "5xx, 500 503 599, -, yes, yes, yes",
    "gateway-error, 502 503 504, -, yes, yes, yes",
    "reset, -, -, yes, yes, yes",
    "connect-failure, -, -, yes, no, no",
    "refused-stream, -, -, no, no, yes",
    "retriable-4xx, 409, -, no, no, no",
    "503, 503, -, no, no, no",
    "retriable-status-codes, -, -, no, no, no",
    "cancelled, -, 1, no, no, no",
    "unknown, -, 2, no, no, no",
    "deadline-exceeded, -, 4, no, no, no",
    "resource-exhausted, -, 8, no, no, no",
    "internal, -, 13, no, no, no",
    "unavailable, -, 14, no, no, no",
    "no-such-condition, -, -, no, no, no"
  })
  void a_condition_retries_what_envoy_says(
      String condition,
      String statuses,
      String grpc,
      String connect,
      String reset,
      String refused) {
    RetryRule rule = rule(condition);

    for (int status = 100; status < 600; status++) {
      boolean listed = listed(statuses, status) || (condition.equals("5xx") && status >= 500);
      assertThat(rule.afterResponse(status, -1)).as("status " + status).isEqualTo(listed);
    }
    for (int code = 0; code <= 16; code++) {
      assertThat(rule.afterResponse(200, code)).as("gRPC " + code).isEqualTo(listed(grpc, code));
    }
    assertThat(rule.afterConnectFailure()).isEqualTo(connect.equals("yes"));
    assertThat(rule.afterReset(true)).isEqualTo(reset.equals("yes"));
    assertThat(rule.afterRefusedStream()).isEqualTo(refused.equals("yes"));
  }

  private static boolean listed(String numbers, int number) {
    return List.of(numbers.split(" ")).contains(Integer.toString(number));
  }

  @Test
  void a_reset_before_the_request_is_retried_only_then() {
    assertThat(rule("reset-before-request").afterReset(false)).isTrue();
    assertThat(rule("reset-before-request").afterReset(true)).isFalse();
  }

  @Test
  void conditions_may_stand_in_one_text_as_istio_writes_them() {
    RetryRule rule = rule("connect-failure,refused-stream, unavailable,cancelled,503");

    assertThat(rule.afterResponse(503, -1)).isTrue();
    assertThat(rule.afterResponse(500, -1)).isFalse();
    assertThat(rule.afterResponse(200, 14)).isTrue();
    assertThat(rule.afterConnectFailure()).isTrue();
    assertThat(rule.attempts()).isEqualTo(2);
    assertThat(rule.perTryTimeoutNanos()).isEqualTo(1_500_000_000L);
  }

  @Test
  void no_rule_never_retries() {
    assertThat(RetryRule.NONE.attempts()).isZero();
    assertThat(RetryRule.NONE.afterResponse(503, 14)).isFalse();
    assertThat(RetryRule.NONE.afterConnectFailure()).isFalse();
  }

  private static RetryRule rule(String conditions) {
    return RetryRule.compile(new Retry(List.of(conditions), 2, Duration.ofMillis(1500)));
  }
}
