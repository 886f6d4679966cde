package dev.meshctl.model.wire;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.meshctl.model.xds.RouteOrigin;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import java.util.Optional;

/** {@link RouteOrigin} to and from {@code metadata.filter_metadata["dev.meshctl.origin"]}. */
final class RouteOriginCodec {
  private static final String GROUP = "dev.meshctl.origin";
  private static final KnownFields METADATA =
      KnownFields.of(Metadata.getDescriptor(), "filter_metadata")
          .leavingAside("typed_filter_metadata");

  private RouteOriginCodec() {}

  static Metadata encode(RouteOrigin origin) {
    return Metadata.newBuilder()
        .putFilterMetadata(
            GROUP,
            Struct.newBuilder()
                .putFields("kind", text(origin.kind()))
                .putFields("namespace", text(origin.namespace()))
                .putFields("name", text(origin.name()))
                .putFields("field", text(origin.field()))
                .build())
        .build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  /** Empty where it is not of our making; groups of others are left aside by their names. */
  static Optional<RouteOrigin> decode(Reading reading, String path, Metadata message) {
    reading.expect(path, message, METADATA);
    for (String group : message.getFilterMetadataMap().keySet()) {
      if (!group.equals(GROUP)) {
        reading.ignore(path + ".filter_metadata[" + group + "]");
      }
    }
    Struct origin = message.getFilterMetadataMap().get(GROUP);
    return origin == null
        ? Optional.empty()
        : Optional.of(
            new RouteOrigin(
                text(origin, "kind"),
                text(origin, "namespace"),
                text(origin, "name"),
                text(origin, "field")));
  }

  private static String text(Struct struct, String field) {
    return struct.getFieldsOrDefault(field, Value.getDefaultInstance()).getStringValue();
  }
}
