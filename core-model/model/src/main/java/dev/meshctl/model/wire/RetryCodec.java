package dev.meshctl.model.wire;

import dev.meshctl.model.xds.Retry;
import dev.meshctl.model.xds.Retry.BackoffRange;
import dev.meshctl.model.xds.Retry.ResetHeader;
import dev.meshctl.model.xds.route.HeaderMatch;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy.ResetHeaderFormat;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy.RetryBackOff;
import io.envoyproxy.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@link Retry} to and from {@code RetryPolicy}. A status among the conditions ({@code 503}) is a
 * {@code retriable_status_codes} to Envoy and reads back as the last of the conditions. Retries go
 * to another host where there is one.
 */
final class RetryCodec {
  private static final String STATUS_CODES = "retriable-status-codes";
  static final String PREVIOUS_HOSTS = "envoy.retry_host_predicates.previous_hosts";
  private static final int HOST_SELECTIONS = 5;

  private static final KnownFields POLICY =
      KnownFields.of(
              RetryPolicy.getDescriptor(),
              "retry_on",
              "num_retries",
              "per_try_timeout",
              "retriable_status_codes",
              "retry_host_predicate",
              "host_selection_retry_max_attempts",
              "per_try_idle_timeout",
              "retry_back_off",
              "rate_limited_retry_back_off",
              "retriable_headers",
              "retriable_request_headers",
              "retry_priority")
          .leavingAside("retry_options_predicates");

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
    ElsewhereCodec.encode(retry.elsewhere(), message);
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
    if (retry.perTryIdleTimeout().isPositive()) {
      message.setPerTryIdleTimeout(Packing.duration(retry.perTryIdleTimeout()));
    }
    retry
        .backoff()
        .ifPresent(range ->
            message
                .getRetryBackOffBuilder()
                .setBaseInterval(Packing.duration(range.base()))
                .setMaxInterval(Packing.duration(range.most())));
    if (!retry.resetHeaders().isEmpty()) {
      var limited =
          message
              .getRateLimitedRetryBackOffBuilder()
              .setMaxInterval(Packing.duration(retry.mostReset()));
      for (ResetHeader header : retry.resetHeaders()) {
        limited
            .addResetHeadersBuilder()
            .setName(header.name())
            .setFormat(
                header.unixTimestamp()
                    ? ResetHeaderFormat.UNIX_TIMESTAMP
                    : ResetHeaderFormat.SECONDS);
      }
    }
    retry.headers().forEach(header -> message.addRetriableHeaders(ValueMatchCodec.encode(header)));
    retry
        .requestHeaders()
        .forEach(header -> message.addRetriableRequestHeaders(ValueMatchCodec.encode(header)));
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
            : Duration.ZERO,
        reading.duration(path + ".per_try_idle_timeout", message.getPerTryIdleTimeout()),
        message.hasRetryBackOff()
            ? Optional.of(backoff(reading, path + ".retry_back_off", message.getRetryBackOff()))
            : Optional.empty(),
        message.getRateLimitedRetryBackOff().getResetHeadersList().stream()
            .map(header ->
                new ResetHeader(
                    header.getName(), header.getFormat() == ResetHeaderFormat.UNIX_TIMESTAMP))
            .toList(),
        mostReset(reading, path + ".rate_limited_retry_back_off.max_interval", message),
        headers(reading, path + ".retriable_headers", message.getRetriableHeadersList()),
        headers(
            reading, path + ".retriable_request_headers", message.getRetriableRequestHeadersList()),
        ElsewhereCodec.decode(reading, path, message));
  }

  private static BackoffRange backoff(Reading reading, String path, RetryBackOff message) {
    Duration base = reading.duration(path + ".base_interval", message.getBaseInterval());
    if (!base.isPositive()) {
      reading.refuse(path + ".base_interval", "0 (expected: above 0)");
    }
    Duration most =
        message.hasMaxInterval()
            ? reading.duration(path + ".max_interval", message.getMaxInterval())
            : base.multipliedBy(10);
    if (most.compareTo(base) < 0) {
      reading.refuse(path + ".max_interval", most + " (expected: not below base_interval)");
    }
    return new BackoffRange(base, most);
  }

  private static Duration mostReset(Reading reading, String path, RetryPolicy message) {
    if (!message.hasRateLimitedRetryBackOff()) {
      return Duration.ZERO;
    }
    return message.getRateLimitedRetryBackOff().hasMaxInterval()
        ? reading.duration(path, message.getRateLimitedRetryBackOff().getMaxInterval())
        : Retry.MOST_RESET;
  }

  private static List<HeaderMatch> headers(
      Reading reading, String path, List<HeaderMatcher> messages) {
    List<HeaderMatch> headers = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      headers.add(ValueMatchCodec.header(reading, path + "[" + i + "]", messages.get(i)));
    }
    return headers;
  }
}
