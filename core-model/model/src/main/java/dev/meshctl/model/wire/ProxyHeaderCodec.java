package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import dev.meshctl.model.xds.ProxyProtocol;
import io.envoyproxy.envoy.config.core.v3.ProxyProtocolConfig.Version;
import java.util.Optional;

/** {@link ProxyProtocol} to and from the listener filter of that name. */
final class ProxyHeaderCodec {
  static final Descriptor TYPE =
      io.envoyproxy.envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol
          .getDescriptor();

  private static final KnownFields FIELDS =
      KnownFields.of(TYPE, "allow_requests_without_proxy_protocol", "disallowed_versions")
          .leavingAside("stat_prefix");

  private ProxyHeaderCodec() {}

  static io.envoyproxy.envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol encode(
      ProxyProtocol header) {
    var message =
        io.envoyproxy.envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.newBuilder()
            .setAllowRequestsWithoutProxyProtocol(header.optional());
    if (!header.version1()) {
      message.addDisallowedVersions(Version.V1);
    }
    if (!header.version2()) {
      message.addDisallowedVersions(Version.V2);
    }
    return message.build();
  }

  static Optional<ProxyProtocol> decode(Reading reading, String path, Any config) {
    return reading
        .unpack(
            path,
            config,
            TYPE,
            io.envoyproxy.envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol
                .parser())
        .map(message -> {
          reading.expect(path, message, FIELDS);
          return new ProxyProtocol(
              message.getAllowRequestsWithoutProxyProtocol(),
              !message.getDisallowedVersionsList().contains(Version.V1),
              !message.getDisallowedVersionsList().contains(Version.V2));
        });
  }
}
