package dev.meshctl.dataplane.admin;

import dev.meshctl.model.xds.SocketEndpoint;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Shapes that several resources share, as protobuf's JSON mapping has them. */
final class ConfigJson {
  private static final String TLS =
      "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.";

  private ConfigJson() {}

  /** {@code 1.5s}, as {@code google.protobuf.Duration}. */
  static String seconds(Duration duration) {
    return duration.getNano() == 0
        ? duration.toSeconds() + "s"
        : "%d.%09ds".formatted(duration.toSeconds(), duration.getNano());
  }

  static void address(ObjectNode parent, SocketEndpoint address) {
    parent
        .putObject("address")
        .putObject("socket_address")
        .put("address", address.address())
        .put("port_value", address.port());
  }

  /** A {@code transport_socket} of TLS. */
  static ObjectNode tls(
      ObjectNode parent,
      String context,
      String certificate,
      String trust,
      List<String> alpn,
      List<String> sans) {
    parent.put("name", "envoy.transport_sockets.tls");
    ObjectNode config = parent.putObject("typed_config").put("@type", TLS + context);
    ObjectNode common = config.putObject("common_tls_context");
    alpn.forEach(common.withArray("alpn_protocols")::add);
    if (!certificate.isEmpty()) {
      common.putArray("tls_certificate_sds_secret_configs").addObject().put("name", certificate);
    }
    if (!trust.isEmpty()) {
      ObjectNode combined = common.putObject("combined_validation_context");
      combined.putObject("validation_context_sds_secret_config").put("name", trust);
      ObjectNode defaults = combined.putObject("default_validation_context");
      sans.forEach(san ->
          defaults
              .withArray("match_typed_subject_alt_names")
              .addObject()
              .putObject("matcher")
              .put("exact", san));
    }
    return config;
  }
}
