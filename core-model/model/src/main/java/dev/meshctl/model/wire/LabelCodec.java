package dev.meshctl.model.wire;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.meshctl.model.xds.Labels;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@link Labels} to and from {@code filter_metadata["envoy.lb"]}. */
final class LabelCodec {
  /** The group of {@code filter_metadata}. */
  static final String GROUP = "envoy.lb";

  private static final KnownFields METADATA =
      KnownFields.of(Metadata.getDescriptor(), "filter_metadata")
          .leavingAside("typed_filter_metadata");

  private LabelCodec() {}

  static Metadata encode(Labels labels) {
    return Metadata.newBuilder().putFilterMetadata(GROUP, struct(labels)).build();
  }

  static Struct struct(Labels labels) {
    Struct.Builder struct = Struct.newBuilder();
    labels.values().forEach((key, value) -> struct.putFields(key, encode(value)));
    return struct.build();
  }

  private static Value encode(Labels.Value value) {
    Value.Builder message = Value.newBuilder();
    switch (value) {
      case Labels.Value.Text(String text) -> message.setStringValue(text);
      case Labels.Value.Number(double number) -> message.setNumberValue(number);
      case Labels.Value.Flag(boolean flag) -> message.setBoolValue(flag);
      case Labels.Value.Several(var values) -> {
        ListValue.Builder list = message.getListValueBuilder();
        values.forEach(each -> list.addValues(encode(each)));
      }
    }
    return message.build();
  }

  /** What a route asks for; groups other than ours say nothing to a balancer. */
  static Labels match(Reading reading, String path, Metadata message) {
    reading.expect(path, message, METADATA);
    for (String group : message.getFilterMetadataMap().keySet()) {
      if (!group.equals(GROUP)) {
        reading.ignore(path + ".filter_metadata[" + group + "]");
      }
    }
    return decode(reading, path, message);
  }

  /** What an endpoint has. */
  static Labels decode(Reading reading, String path, Metadata message) {
    return decode(
        reading,
        path + ".filter_metadata[" + GROUP + "]",
        message.getFilterMetadataOrDefault(GROUP, Struct.getDefaultInstance()));
  }

  static Labels decode(Reading reading, String path, Struct message) {
    if (message.getFieldsCount() == 0) {
      return Labels.NONE;
    }
    Map<String, Labels.Value> values = new HashMap<>();
    message
        .getFieldsMap()
        .forEach((key, value) -> values.put(key, decode(reading, path + "." + key, value)));
    return new Labels(values);
  }

  private static Labels.Value decode(Reading reading, String path, Value message) {
    return switch (message.getKindCase()) {
      case STRING_VALUE -> new Labels.Value.Text(message.getStringValue());
      case NUMBER_VALUE -> new Labels.Value.Number(message.getNumberValue());
      case BOOL_VALUE -> new Labels.Value.Flag(message.getBoolValue());
      case LIST_VALUE -> {
        List<Labels.Value> values = new ArrayList<>();
        for (Value each : message.getListValue().getValuesList()) {
          values.add(decode(reading, path + "[" + values.size() + "]", each));
        }
        yield new Labels.Value.Several(values);
      }
      case NULL_VALUE, STRUCT_VALUE, KIND_NOT_SET -> {
        reading.unsupported(
            path, message.getKindCase() + " (expected: a text, number, flag or list of them)");
        yield new Labels.Value.Text("");
      }
    };
  }
}
