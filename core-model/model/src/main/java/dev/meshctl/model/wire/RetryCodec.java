package dev.meshctl.model.wire;

import dev.meshctl.model.xds.RouteTableConfig.Retry;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * {@link Retry} to and from {@code RetryPolicy}. A status among the conditions ({@code 503}) is a
 * {@code retriable_status_codes} to Envoy and reads back as the last of the conditions. Retries go
 * to another host where there is one.
 */
final class RetryCodec {
  private static final String STATUS_CODES = "retriable-status-codes";
  private static final String PREVIOUS_HOSTS = "envoy.retry_host_predicates.previous_hosts";
  private static final int HOST_SELECTIONS = 5;

  private static final KnownFields POLICY =
      KnownFields.of(
              RetryPolicy.getDescriptor(),
              "retry_on",
              "num_retries",
              "per_try_timeout",
              "retriable_status_codes",
              "retry_host_predicate",
              "host_selection_retry_max_attempts")
          .leavingAside(
              "per_try_idle_timeout",
              "retry_priority",
              "retry_options_predicates",
              "retry_back_off",
              "rate_limited_retry_back_off");

  private RetryCodec() {}

  static RetryPolicy encode(Retry retry) {
    RetryPolicy.Builder message =
        RetryPolicy.newBuilder()
            .setNumRetries(Packing.unsigned(retry.attempts()))
            .setHostSelectionRetryMaxAttempts(HOST_SELECTIONS);
    message
        .addRetryHostPredicateBuilder()
        .setName(PREVIOUS_HOSTS)
        .setTypedConfig(Packing.pack(PreviousHostsPredicate.getDefaultInstance()));
    List<String> conditions = new ArrayList<>();
    for (String condition : retry.retryOn()) {
      if (isStatus(condition)) {
        message.addRetriableStatusCodes(Integer.parseInt(condition));
      } else {
        conditions.add(condition);
      }
    }
    if (message.getRetriableStatusCodesCount() > 0) {
      conditions.add(STATUS_CODES);
    }
    message.setRetryOn(String.join(",", conditions));
    if (retry.perTryTimeout().isPositive()) {
      message.setPerTryTimeout(Packing.duration(retry.perTryTimeout()));
    }
    return message.build();
  }

  private static boolean isStatus(String condition) {
    return condition.length() == 3 && condition.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  static Retry decode(Reading reading, String path, RetryPolicy message) {
    reading.expect(path, message, POLICY);
    List<String> conditions = new ArrayList<>();
    for (String condition : message.getRetryOn().split(",")) {
      if (!condition.isBlank() && !condition.strip().equals(STATUS_CODES)) {
        conditions.add(condition.strip());
      }
    }
    message.getRetriableStatusCodesList().forEach(code -> conditions.add(code.toString()));
    return new Retry(
        conditions,
        message.hasNumRetries() ? Reading.unsigned(message.getNumRetries()) : 1,
        message.hasPerTryTimeout()
            ? reading.duration(path + ".per_try_timeout", message.getPerTryTimeout())
            : Duration.ZERO);
  }
}
