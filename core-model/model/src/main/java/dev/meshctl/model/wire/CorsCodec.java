package dev.meshctl.model.wire;

import dev.meshctl.model.xds.route.CorsPolicy;
import dev.meshctl.model.xds.route.ValueMatch;
import io.envoyproxy.envoy.config.core.v3.RuntimeFractionalPercent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@link CorsPolicy} to and from the message of that name of the CORS filter. */
final class CorsCodec {
  private static final KnownFields POLICY =
      KnownFields.of(
              io.envoyproxy.envoy.extensions.filters.http.cors.v3.CorsPolicy.getDescriptor(),
              "allow_origin_string_match",
              "allow_methods",
              "allow_headers",
              "expose_headers",
              "max_age",
              "allow_credentials",
              "filter_enabled",
              "allow_private_network_access",
              "forward_not_matching_preflights")
          .leavingAside("shadow_enabled");

  private CorsCodec() {}

  static io.envoyproxy.envoy.extensions.filters.http.cors.v3.CorsPolicy encode(CorsPolicy policy) {
    var message =
        io.envoyproxy.envoy.extensions.filters.http.cors.v3.CorsPolicy.newBuilder()
            .setAllowMethods(policy.allowMethods())
            .setAllowHeaders(policy.allowHeaders())
            .setExposeHeaders(policy.exposeHeaders())
            .setMaxAge(policy.maxAge());
    policy
        .allowOrigin()
        .forEach(origin -> message.addAllowOriginStringMatch(ValueMatchCodec.encode(origin)));
    if (policy.allowCredentials()) {
      message.setAllowCredentials(Packing.TRUE);
    }
    if (policy.allowPrivateNetwork()) {
      message.setAllowPrivateNetworkAccess(Packing.TRUE);
    }
    policy
        .percentage()
        .ifPresent(percentage ->
            message.setFilterEnabled(
                RuntimeFractionalPercent.newBuilder()
                    .setDefaultValue(FaultCodec.percent(percentage))));
    return message.build();
  }

  static CorsPolicy decode(
      Reading reading,
      String path,
      io.envoyproxy.envoy.extensions.filters.http.cors.v3.CorsPolicy message) {
    reading.expect(path, message, POLICY);
    if (message.hasForwardNotMatchingPreflights()
        && !message.getForwardNotMatchingPreflights().getValue()) {
      reading.refuse(path + ".forward_not_matching_preflights", "false (expected: true)");
    }
    List<ValueMatch> origins = new ArrayList<>();
    for (int i = 0; i < message.getAllowOriginStringMatchCount(); i++) {
      origins.add(
          ValueMatchCodec.decode(
              reading,
              path + ".allow_origin_string_match[" + i + "]",
              message.getAllowOriginStringMatch(i)));
    }
    return new CorsPolicy(
        origins,
        message.getAllowMethods(),
        message.getAllowHeaders(),
        message.getExposeHeaders(),
        message.getMaxAge(),
        message.getAllowCredentials().getValue(),
        message.getAllowPrivateNetworkAccess().getValue(),
        message.hasFilterEnabled()
            ? Optional.of(FaultCodec.percent(message.getFilterEnabled().getDefaultValue()))
            : Optional.empty());
  }
}
