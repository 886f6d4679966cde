package dev.meshctl.model.wire;

import com.google.protobuf.BoolValue;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import java.util.List;

/**
 * {@code WeightedCluster.use_hash_policy}, a {@code BoolValue} under number {@value #NUMBER}: newer
 * than our protobuf classes, so it is read and written as the field that they do not know. Over a
 * stream that is the same; in a file of YAML its name is refused.
 */
final class StickySplitField {
  private static final int NUMBER = 5;

  /** The field, true. */
  static final UnknownFieldSet SET =
      UnknownFieldSet.newBuilder()
          .addField(
              NUMBER,
              Field.newBuilder().addLengthDelimited(BoolValue.of(true).toByteString()).build())
          .build();

  private StickySplitField() {}

  static boolean in(WeightedCluster message) {
    List<com.google.protobuf.ByteString> values =
        message.getUnknownFields().getField(NUMBER).getLengthDelimitedList();
    try {
      return !values.isEmpty() && BoolValue.parseFrom(values.getLast()).getValue();
    } catch (InvalidProtocolBufferException e) {
      return false;
    }
  }

  /** The rest of {@code message}. */
  static WeightedCluster without(WeightedCluster message) {
    if (!message.getUnknownFields().hasField(NUMBER)) {
      return message;
    }
    return message.toBuilder()
        .setUnknownFields(
            UnknownFieldSet.newBuilder(message.getUnknownFields()).clearField(NUMBER).build())
        .build();
  }
}
