package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import dev.meshctl.model.xds.Labels;
import dev.meshctl.model.xds.Retry.Elsewhere;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy.RetryHostPredicate;
import io.envoyproxy.envoy.extensions.retry.host.omit_canary_hosts.v3.OmitCanaryHostsPredicate;
import io.envoyproxy.envoy.extensions.retry.host.omit_host_metadata.v3.OmitHostMetadataConfig;
import io.envoyproxy.envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@link Elsewhere} to and from the host predicates and the priority of a {@code RetryPolicy}. */
final class ElsewhereCodec {
  private static final String CANARY = "envoy.retry_host_predicates.omit_canary_hosts";
  private static final String METADATA = "envoy.retry_host_predicates.omit_host_metadata";
  private static final String PRIORITIES = "envoy.retry_priorities.previous_priorities";
  private static final int MOST_TRIES = 1_000;

  private static final KnownFields OMITTED =
      KnownFields.of(OmitHostMetadataConfig.getDescriptor(), "metadata_match");
  private static final KnownFields PREVIOUS =
      KnownFields.of(PreviousPrioritiesConfig.getDescriptor(), "update_frequency");

  private ElsewhereCodec() {}

  static void encode(Elsewhere elsewhere, RetryPolicy.Builder message) {
    for (Labels labels : elsewhere.omitted()) {
      if (labels.equals(Elsewhere.CANARY)) {
        message
            .addRetryHostPredicateBuilder()
            .setName(CANARY)
            .setTypedConfig(Packing.pack(OmitCanaryHostsPredicate.getDefaultInstance()));
      } else {
        message
            .addRetryHostPredicateBuilder()
            .setName(METADATA)
            .setTypedConfig(
                Packing.pack(
                    OmitHostMetadataConfig.newBuilder()
                        .setMetadataMatch(LabelCodec.encode(labels))
                        .build()));
      }
    }
    if (elsewhere.prioritiesEvery() > 0) {
      message
          .getRetryPriorityBuilder()
          .setName(PRIORITIES)
          .setTypedConfig(
              Packing.pack(
                  PreviousPrioritiesConfig.newBuilder()
                      .setUpdateFrequency(elsewhere.prioritiesEvery())
                      .build()));
    }
  }

  static Elsewhere decode(Reading reading, String path, RetryPolicy message) {
    List<Labels> omitted = new ArrayList<>();
    for (int i = 0; i < message.getRetryHostPredicateCount(); i++) {
      omitted(reading, path + ".retry_host_predicate[" + i + "]", message.getRetryHostPredicate(i))
          .ifPresent(omitted::add);
    }
    return new Elsewhere(omitted, priorities(reading, path + ".retry_priority", message));
  }

  private static Optional<Labels> omitted(
      Reading reading, String path, RetryHostPredicate message) {
    Any config = message.getTypedConfig();
    if (message.getName().equals(CANARY)
        || Reading.holds(config, OmitCanaryHostsPredicate.getDescriptor())) {
      return Optional.of(Elsewhere.CANARY);
    }
    if (Reading.holds(config, OmitHostMetadataConfig.getDescriptor())) {
      return reading
          .unpack(
              path + ".typed_config",
              config,
              OmitHostMetadataConfig.getDescriptor(),
              OmitHostMetadataConfig.parser())
          .map(hosts -> {
            String at = path + ".typed_config";
            reading.expect(at, hosts, OMITTED);
            return LabelCodec.match(reading, at + ".metadata_match", hosts.getMetadataMatch());
          })
          // Nothing asked for omits nobody, where all labels of none would be everybody's.
          .filter(labels -> !labels.isEmpty());
    }
    if (!message.getName().equals(RetryCodec.PREVIOUS_HOSTS)) {
      reading.unsupported(
          path,
          message.getName()
              + " is not supported (expected: previous_hosts, omit_canary_hosts or"
              + " omit_host_metadata)");
    }
    return Optional.empty();
  }

  private static int priorities(Reading reading, String path, RetryPolicy message) {
    if (!message.hasRetryPriority()) {
      return 0;
    }
    Any config = message.getRetryPriority().getTypedConfig();
    if (!Reading.holds(config, PreviousPrioritiesConfig.getDescriptor())) {
      reading.unsupported(
          path, message.getRetryPriority().getName() + " (expected: previous_priorities)");
      return 0;
    }
    return reading
        .unpack(
            path + ".typed_config",
            config,
            PreviousPrioritiesConfig.getDescriptor(),
            PreviousPrioritiesConfig.parser())
        .map(previous -> {
          reading.expect(path + ".typed_config", previous, PREVIOUS);
          int every = previous.getUpdateFrequency();
          if (every < 1 || every > MOST_TRIES) {
            reading.refuse(
                path + ".typed_config.update_frequency",
                every + " (expected: 1 to " + MOST_TRIES + ")");
          }
          return every;
        })
        .orElse(0);
  }
}
