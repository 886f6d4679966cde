package dev.meshctl.model.wire;

import com.github.xds.type.v3.TypedStruct;
import com.google.protobuf.Any;
import com.google.protobuf.DoubleValue;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.Value;
import dev.meshctl.model.xds.BalancingOptions.LatencyOptions;
import io.envoyproxy.envoy.config.cluster.v3.LoadBalancingPolicy;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * {@link LatencyOptions} to and from Envoy's contributed {@code peak_ewma.v3alpha.PeakEwma}. Its
 * class is in no API jar: it is written as a {@code TypedStruct}, and read as that or by the
 * numbers of its fields. {@code aggregation_interval} and {@code max_samples_per_host} bound what
 * Envoy gathers between threads; here each loop measures for itself.
 */
final class PeakEwmaCodec {
  static final String NAME = "envoy.load_balancing_policies.peak_ewma";
  private static final String TYPE =
      "envoy.extensions.load_balancing_policies.peak_ewma.v3alpha.PeakEwma";
  private static final Pattern SECONDS = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,9})?)s");

  private static final int DECAY = 1;
  private static final int DEFAULT_RTT = 4;
  private static final int PENALTY = 5;
  private static final Map<Integer, String> LEFT_ASIDE =
      Map.of(2, "aggregation_interval", 3, "max_samples_per_host");

  private PeakEwmaCodec() {}

  static LoadBalancingPolicy encode(LatencyOptions options) {
    Struct value =
        Struct.newBuilder()
            .putFields("decay_time", seconds(options.decay()))
            .putFields("default_rtt", seconds(options.unmeasured()))
            .putFields(
                "penalty_value", Value.newBuilder().setNumberValue(options.penalty()).build())
            .build();
    LoadBalancingPolicy.Builder message = LoadBalancingPolicy.newBuilder();
    message
        .addPoliciesBuilder()
        .getTypedExtensionConfigBuilder()
        .setName(NAME)
        .setTypedConfig(
            Packing.pack(
                TypedStruct.newBuilder()
                    .setTypeUrl("type.googleapis.com/" + TYPE)
                    .setValue(value)
                    .build()));
    return message.build();
  }

  private static Value seconds(java.time.Duration duration) {
    BigDecimal number =
        BigDecimal.valueOf(duration.getSeconds())
            .add(BigDecimal.valueOf(duration.getNano(), 9))
            .stripTrailingZeros();
    return Value.newBuilder().setStringValue(number.toPlainString() + "s").build();
  }

  /** What {@code any} says; empty where it is another policy. */
  static Optional<LatencyOptions> decode(Reading reading, String path, Any any) {
    if (any.getTypeUrl().endsWith("/" + TYPE)) {
      return Optional.of(ofFields(reading, path, any));
    }
    if (!Reading.holds(any, TypedStruct.getDescriptor())
        && !any.getTypeUrl().endsWith("/udpa.type.v1.TypedStruct")) {
      return Optional.empty();
    }
    try {
      // The older TypedStruct has the same fields.
      TypedStruct struct = TypedStruct.parser().parseFrom(any.getValue());
      return struct.getTypeUrl().endsWith("/" + TYPE)
          ? Optional.of(ofStruct(reading, path + ".value", struct.getValue()))
          : Optional.empty();
    } catch (InvalidProtocolBufferException e) {
      reading.refuse(path, "not a TypedStruct: " + e.getMessage());
      return Optional.empty();
    }
  }

  private static LatencyOptions ofStruct(Reading reading, String path, Struct struct) {
    LatencyOptions usual = LatencyOptions.DEFAULT;
    java.time.Duration decay = usual.decay();
    java.time.Duration unmeasured = usual.unmeasured();
    double penalty = usual.penalty();
    for (Map.Entry<String, Value> field : struct.getFieldsMap().entrySet()) {
      String at = path + "." + field.getKey();
      switch (field.getKey()) {
        case "decay_time", "decayTime" -> decay = positive(reading, at, field.getValue());
        case "default_rtt", "defaultRtt" -> unmeasured = positive(reading, at, field.getValue());
        case "penalty_value", "penaltyValue" ->
            penalty = notNegative(reading, at, field.getValue().getNumberValue());
        case "aggregation_interval",
            "aggregationInterval",
            "max_samples_per_host",
            "maxSamplesPerHost" ->
            reading.ignore(at);
        default -> reading.unsupported(at, "not supported (expected: not set)");
      }
    }
    return new LatencyOptions(decay, unmeasured, penalty);
  }

  private static java.time.Duration positive(Reading reading, String path, Value value) {
    var written = SECONDS.matcher(value.getStringValue());
    if (!written.matches()) {
      reading.refuse(path, "'" + value.getStringValue() + "' (expected: seconds such as 0.5s)");
      return LatencyOptions.DEFAULT.decay();
    }
    BigDecimal number = new BigDecimal(written.group(1));
    return positive(
        reading,
        path,
        Duration.newBuilder()
            .setSeconds(number.longValue())
            .setNanos(number.remainder(BigDecimal.ONE).movePointRight(9).intValue())
            .build());
  }

  private static java.time.Duration positive(Reading reading, String path, Duration message) {
    java.time.Duration read = reading.duration(path, message);
    if (!read.isPositive()) {
      reading.refuse(path, read + " (expected: above 0)");
      return LatencyOptions.DEFAULT.decay();
    }
    return read;
  }

  private static double notNegative(Reading reading, String path, double number) {
    if (!(number >= 0)) {
      reading.refuse(path, number + " (expected: 0 or more)");
      return LatencyOptions.DEFAULT.penalty();
    }
    return number;
  }

  private static LatencyOptions ofFields(Reading reading, String path, Any any) {
    LatencyOptions usual = LatencyOptions.DEFAULT;
    java.time.Duration decay = usual.decay();
    java.time.Duration unmeasured = usual.unmeasured();
    double penalty = usual.penalty();
    try {
      var fields = UnknownFieldSet.parseFrom(any.getValue()).asMap();
      for (var field : fields.entrySet()) {
        List<com.google.protobuf.ByteString> bytes = field.getValue().getLengthDelimitedList();
        String leftAside = LEFT_ASIDE.get(field.getKey());
        if (leftAside != null) {
          reading.ignore(path + "." + leftAside);
        } else if (bytes.isEmpty() || field.getKey() > PENALTY) {
          reading.unsupported(path + ".#" + field.getKey(), "not supported (expected: not set)");
        } else if (field.getKey() == DECAY) {
          decay =
              positive(reading, path + ".decay_time", Duration.parser().parseFrom(bytes.getLast()));
        } else if (field.getKey() == DEFAULT_RTT) {
          unmeasured =
              positive(
                  reading, path + ".default_rtt", Duration.parser().parseFrom(bytes.getLast()));
        } else {
          penalty =
              notNegative(
                  reading,
                  path + ".penalty_value",
                  DoubleValue.parser().parseFrom(bytes.getLast()).getValue());
        }
      }
    } catch (InvalidProtocolBufferException e) {
      reading.refuse(path, "not a PeakEwma: " + e.getMessage());
    }
    return new LatencyOptions(decay, unmeasured, penalty);
  }
}
