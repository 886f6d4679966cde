package dev.meshctl.model.wire;

import dev.meshctl.model.xds.route.HashPolicy;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@link HashPolicy} to and from {@code RouteAction.HashPolicy}. */
final class HashPolicyCodec {
  private static final KnownFields POLICY =
      KnownFields.of(
          RouteAction.HashPolicy.getDescriptor(),
          "header",
          "cookie",
          "connection_properties",
          "query_parameter",
          "terminal");
  private static final KnownFields HEADER =
      KnownFields.of(RouteAction.HashPolicy.Header.getDescriptor(), "header_name");
  private static final KnownFields COOKIE =
      KnownFields.of(RouteAction.HashPolicy.Cookie.getDescriptor(), "name", "ttl", "path");

  private HashPolicyCodec() {}

  static RouteAction.HashPolicy encode(HashPolicy policy) {
    RouteAction.HashPolicy.Builder message =
        RouteAction.HashPolicy.newBuilder().setTerminal(policy.terminal());
    switch (policy) {
      case HashPolicy.HeaderValue header ->
          message.getHeaderBuilder().setHeaderName(header.header());
      case HashPolicy.Cookie cookie -> {
        RouteAction.HashPolicy.Cookie.Builder own =
            message.getCookieBuilder().setName(cookie.cookie()).setPath(cookie.path());
        cookie.ttl().ifPresent(ttl -> own.setTtl(Packing.duration(ttl)));
      }
      case HashPolicy.SourceIp source -> message.getConnectionPropertiesBuilder().setSourceIp(true);
      case HashPolicy.QueryParameter query ->
          message.getQueryParameterBuilder().setName(query.parameter());
    }
    return message.build();
  }

  static List<HashPolicy> decode(
      Reading reading, String path, List<RouteAction.HashPolicy> messages) {
    List<HashPolicy> policies = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      decode(reading, path + "[" + i + "]", messages.get(i)).ifPresent(policies::add);
    }
    return policies;
  }

  private static Optional<HashPolicy> decode(
      Reading reading, String path, RouteAction.HashPolicy message) {
    reading.expect(path, message, POLICY);
    boolean terminal = message.getTerminal();
    return switch (message.getPolicySpecifierCase()) {
      case HEADER -> {
        reading.expect(path + ".header", message.getHeader(), HEADER);
        yield Optional.of(
            new HashPolicy.HeaderValue(
                message.getHeader().getHeaderName().toLowerCase(Locale.ROOT), terminal));
      }
      case COOKIE -> {
        RouteAction.HashPolicy.Cookie cookie = message.getCookie();
        reading.expect(path + ".cookie", cookie, COOKIE);
        yield Optional.of(
            new HashPolicy.Cookie(
                cookie.getName(),
                cookie.hasTtl()
                    ? Optional.of(reading.duration(path + ".cookie.ttl", cookie.getTtl()))
                    : Optional.empty(),
                cookie.getPath(),
                terminal));
      }
      case CONNECTION_PROPERTIES ->
          // Without source_ip it names no property, and hashes nothing.
          message.getConnectionProperties().getSourceIp()
              ? Optional.of(new HashPolicy.SourceIp(terminal))
              : Optional.empty();
      case QUERY_PARAMETER ->
          Optional.of(
              new HashPolicy.QueryParameter(message.getQueryParameter().getName(), terminal));
      case FILTER_STATE, POLICYSPECIFIER_NOT_SET -> {
        if (!message.hasFilterState()) {
          reading.refuse(
              path, "no policy (expected: header, cookie, connection_properties, query_parameter)");
        }
        yield Optional.empty();
      }
    };
  }
}
