package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** Small values that all encoders write. */
final class Packing {
  static final BoolValue TRUE = BoolValue.of(true);
  static final BoolValue FALSE = BoolValue.of(false);

  /** "From the stream this came on." */
  static final ConfigSource ADS =
      ConfigSource.newBuilder()
          .setAds(AggregatedConfigSource.getDefaultInstance())
          .setResourceApiVersion(ApiVersion.V3)
          .build();

  private static final String TYPE_PREFIX = "type.googleapis.com/";

  /**
   * By the generated {@code X.getDescriptor()}: {@link Message#getDescriptorForType} would make
   * protobuf reflect on the class and keep what it finds, which a proxy that dumps its
   * configuration would carry ever after.
   */
  private static final ClassValue<String> TYPE_URLS =
      new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> type) {
          try {
            Descriptor descriptor =
                (Descriptor)
                    MethodHandles.publicLookup()
                        .findStatic(type, "getDescriptor", MethodType.methodType(Descriptor.class))
                        .invokeExact();
            return TYPE_PREFIX + descriptor.getFullName();
          } catch (Throwable notGenerated) {
            throw new IllegalStateException(type + " is no generated message", notGenerated);
          }
        }
      };

  private Packing() {}

  /** Equal messages give equal bytes, maps included, so that versions are stable. */
  static Any pack(Message message) {
    byte[] bytes = new byte[message.getSerializedSize()];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      message.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException("array of the computed size", e);
    }
    return Any.newBuilder()
        .setTypeUrl(TYPE_URLS.get(message.getClass()))
        .setValue(ByteString.copyFrom(bytes))
        .build();
  }

  static Duration duration(java.time.Duration duration) {
    return Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  static UInt32Value unsigned(int value) {
    return UInt32Value.of(value);
  }
}
