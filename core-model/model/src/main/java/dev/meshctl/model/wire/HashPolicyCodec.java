package dev.meshctl.model.wire;

import dev.meshctl.model.xds.RouteTableConfig;
import io.envoyproxy.envoy.config.route.v3.RouteAction.HashPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@link RouteTableConfig.HashPolicy} to and from {@code RouteAction.HashPolicy}. */
final class HashPolicyCodec {
  private static final KnownFields POLICY =
      KnownFields.of(
          HashPolicy.getDescriptor(),
          "header",
          "cookie",
          "connection_properties",
          "query_parameter",
          "terminal");
  private static final KnownFields HEADER =
      KnownFields.of(HashPolicy.Header.getDescriptor(), "header_name");
  private static final KnownFields COOKIE =
      KnownFields.of(HashPolicy.Cookie.getDescriptor(), "name", "ttl", "path");

  private HashPolicyCodec() {}

  static HashPolicy encode(RouteTableConfig.HashPolicy policy) {
    HashPolicy.Builder message = HashPolicy.newBuilder().setTerminal(policy.terminal());
    switch (policy) {
      case RouteTableConfig.HashPolicy.HeaderValue header ->
          message.getHeaderBuilder().setHeaderName(header.header());
      case RouteTableConfig.HashPolicy.Cookie cookie -> {
        HashPolicy.Cookie.Builder own =
            message.getCookieBuilder().setName(cookie.cookie()).setPath(cookie.path());
        cookie.ttl().ifPresent(ttl -> own.setTtl(Packing.duration(ttl)));
      }
      case RouteTableConfig.HashPolicy.SourceIp source ->
          message.getConnectionPropertiesBuilder().setSourceIp(true);
      case RouteTableConfig.HashPolicy.QueryParameter query ->
          message.getQueryParameterBuilder().setName(query.parameter());
    }
    return message.build();
  }

  static List<RouteTableConfig.HashPolicy> decode(
      Reading reading, String path, List<HashPolicy> messages) {
    List<RouteTableConfig.HashPolicy> policies = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      decode(reading, path + "[" + i + "]", messages.get(i)).ifPresent(policies::add);
    }
    return policies;
  }

  private static Optional<RouteTableConfig.HashPolicy> decode(
      Reading reading, String path, HashPolicy message) {
    reading.expect(path, message, POLICY);
    boolean terminal = message.getTerminal();
    return switch (message.getPolicySpecifierCase()) {
      case HEADER -> {
        reading.expect(path + ".header", message.getHeader(), HEADER);
        yield Optional.of(
            new RouteTableConfig.HashPolicy.HeaderValue(
                message.getHeader().getHeaderName().toLowerCase(Locale.ROOT), terminal));
      }
      case COOKIE -> {
        HashPolicy.Cookie cookie = message.getCookie();
        reading.expect(path + ".cookie", cookie, COOKIE);
        yield Optional.of(
            new RouteTableConfig.HashPolicy.Cookie(
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
              ? Optional.of(new RouteTableConfig.HashPolicy.SourceIp(terminal))
              : Optional.empty();
      case QUERY_PARAMETER ->
          Optional.of(
              new RouteTableConfig.HashPolicy.QueryParameter(
                  message.getQueryParameter().getName(), terminal));
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
