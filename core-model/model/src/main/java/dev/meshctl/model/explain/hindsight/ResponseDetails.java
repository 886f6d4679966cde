package dev.meshctl.model.explain.hindsight;

import dev.meshctl.model.xds.PolicyRule;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Envoy's {@code %RESPONSE_CODE_DETAILS%} in words.
 *
 * <p>Source: "Response Code Details" of the Envoy documentation.
 */
final class ResponseDetails {
  private static final int FORBIDDEN = 403;
  private static final Pattern DENIED =
      Pattern.compile("rbac_access_denied_matched_policy\\[(.*)\\]");
  private static final Pattern RESET =
      Pattern.compile("upstream_reset_(before|after)_response_started\\{(.*)\\}");

  /** Beginnings; the first that fits holds. */
  private static final List<Meaning> WORDS =
      List.of(
          words("via_upstream", "the upstream's own answer, passed on"),
          words("direct_response", "the route answers by itself (redirect or direct response)"),
          words("route_not_found", "no rule takes the request"),
          words("cluster_not_found", "the route's cluster is not there"),
          words("no_healthy_upstream", "no endpoint may take a request"),
          words("overflow", "a circuit breaker was open"),
          words("response_timeout", "the time for the whole answer (timeout) was over"),
          words("upstream_response_timeout", "the time for the whole answer (timeout) was over"),
          words("upstream_per_try_timeout", "the time of one try (perTryTimeout) was over"),
          words("upstream_per_try_idle_timeout", "nothing came for longer than a try may be idle"),
          words("upstream_max_stream_duration_reached", "the stream lasted as long as it may"),
          words("max_duration_timeout", "the request lasted as long as it may"),
          words("stream_idle_timeout", "nothing moved for longer than a stream may be idle"),
          words("request_overall_timeout", "the request did not come whole in time"),
          words("downstream_remote_disconnect", "the client closed its connection"),
          words("http2.remote_reset", "the client reset its stream"),
          words("fault_filter_abort", "the fault of a VirtualService aborted it"),
          words("ext_authz_denied", "external authorization denied it"),
          words("request_rate_limited", "a rate limit refused it"),
          words("local_rate_limited", "a rate limit refused it"),
          words("jwt_authn_access_denied", "its token was refused (RequestAuthentication)"),
          words("missing_host_header", "it names no host"),
          words("low_version", "HTTP/1.0 is not taken"),
          words("request_headers_too_large", "its head is larger than the proxy takes"),
          words("request_payload_too_large", "its body is larger than the proxy takes"),
          words("upgrade_failed", "the upgrade that it asks for is not allowed"),
          words("overload", "the proxy sheds load"),
          words("dns_resolution_failure", "the upstream's name did not resolve"),
          words("internal_redirect", "an answer that redirects was followed"),
          words("http1.codec_error", "it is no HTTP/1.1"));

  private ResponseDetails() {}

  private static Meaning words(String beginning, String words) {
    return new Meaning(beginning, words, "");
  }

  /**
   * Empty for none, and for details that are not known.
   *
   * @param called the proxy stands before the server: upstream is the workload itself
   */
  static Optional<Meaning> of(String details, int status, boolean called) {
    if (!called && status == FORBIDDEN && details.equals("via_upstream")) {
      return Optional.of(
          new Meaning(
              details,
              "the upstream's own answer, passed on: of the server, or of its proxy",
              "the log of the server's proxy tells whether a policy denied it"));
    }
    if (called && details.equals("via_upstream")) {
      return Optional.of(
          new Meaning(
              details,
              "the workload's own answer, passed on",
              "its own log, and the calls that it made meanwhile"));
    }
    Optional<String> policy = deniedBy(details);
    if (policy.isPresent()) {
      return Optional.of(
          new Meaning(
              details,
              policy.get().equals("none")
                  ? "an AuthorizationPolicy denied it (RBAC): there are ALLOW policies, and none of"
                      + " them allows it"
                  : "an AuthorizationPolicy denied it (RBAC): " + named(policy.get()),
              ""));
    }
    Matcher reset = RESET.matcher(details);
    if (reset.matches()) {
      return Optional.of(
          new Meaning(
              details,
              "the upstream was lost %s its answer began: %s"
                  .formatted(reset.group(1), reset.group(2).replace("|", ": ").replace("_", " ")),
              ""));
    }
    return WORDS.stream()
        .filter(known -> details.startsWith(known.code()))
        .findFirst()
        .map(known -> new Meaning(details, known.words(), ""));
  }

  private static String named(String rule) {
    return PolicyRule.parse(rule)
        .map(named -> named.resource() + ", " + named.field())
        .orElse(rule);
  }

  /** The rule that denied, {@code none} where none allowed; empty for other details. */
  static Optional<String> deniedBy(String details) {
    Matcher denied = DENIED.matcher(details);
    return denied.matches() ? Optional.of(denied.group(1)) : Optional.empty();
  }
}
