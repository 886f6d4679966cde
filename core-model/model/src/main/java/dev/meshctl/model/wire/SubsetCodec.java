package dev.meshctl.model.wire;

import dev.meshctl.model.xds.SubsetOptions;
import dev.meshctl.model.xds.SubsetOptions.Fallback;
import dev.meshctl.model.xds.SubsetOptions.Localities;
import dev.meshctl.model.xds.SubsetOptions.Selector;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbSubsetConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetFallbackPolicy;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetMetadataFallbackPolicy;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetSelector;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetSelector.LbSubsetSelectorFallbackPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@link SubsetOptions} to and from {@code LbSubsetConfig}. */
final class SubsetCodec {
  private static final KnownFields SUBSETS =
      KnownFields.of(
          LbSubsetConfig.getDescriptor(),
          "fallback_policy",
          "default_subset",
          "subset_selectors",
          "locality_weight_aware",
          "scale_locality_weight",
          "panic_mode_any",
          "list_as_any",
          "metadata_fallback_policy");
  private static final KnownFields SELECTOR =
      KnownFields.of(
          LbSubsetSelector.getDescriptor(),
          "keys",
          "fallback_policy",
          "fallback_keys_subset",
          "single_host_per_subset");

  private SubsetCodec() {}

  static LbSubsetConfig encode(SubsetOptions subsets) {
    LbSubsetConfig.Builder message =
        LbSubsetConfig.newBuilder()
            .setFallbackPolicy(
                switch (subsets.fallback()) {
                  case Fallback.None none -> LbSubsetFallbackPolicy.NO_FALLBACK;
                  case Fallback.AnyEndpoint any -> LbSubsetFallbackPolicy.ANY_ENDPOINT;
                  case Fallback.DefaultSubset some -> LbSubsetFallbackPolicy.DEFAULT_SUBSET;
                  case Fallback.FewerKeys fewer ->
                      throw new IllegalArgumentException(fewer + " is for selectors");
                })
            .setLocalityWeightAware(subsets.localities() != Localities.UNWEIGHTED)
            .setScaleLocalityWeight(subsets.localities() == Localities.SCALED)
            .setPanicModeAny(subsets.panicAny())
            .setListAsAny(subsets.listAsAny());
    if (!subsets.defaultSubset().isEmpty()) {
      message.setDefaultSubset(LabelCodec.struct(subsets.defaultSubset()));
    }
    subsets.selectors().forEach(selector -> message.addSubsetSelectors(encode(selector)));
    return message.build();
  }

  private static LbSubsetSelector encode(Selector selector) {
    LbSubsetSelector.Builder message =
        LbSubsetSelector.newBuilder().setSingleHostPerSubset(selector.singleHost());
    selector.keys().stream().sorted().forEach(message::addKeys);
    selector
        .fallback()
        .ifPresent(fallback -> {
          switch (fallback) {
            case Fallback.None none ->
                message.setFallbackPolicy(LbSubsetSelectorFallbackPolicy.NO_FALLBACK);
            case Fallback.AnyEndpoint any ->
                message.setFallbackPolicy(LbSubsetSelectorFallbackPolicy.ANY_ENDPOINT);
            case Fallback.DefaultSubset some ->
                message.setFallbackPolicy(LbSubsetSelectorFallbackPolicy.DEFAULT_SUBSET);
            case Fallback.FewerKeys(var keys) -> {
              message.setFallbackPolicy(LbSubsetSelectorFallbackPolicy.KEYS_SUBSET);
              keys.stream().sorted().forEach(message::addFallbackKeysSubset);
            }
          }
        });
    return message.build();
  }

  static SubsetOptions decode(Reading reading, LbSubsetConfig message) {
    String path = "lb_subset_config";
    reading.expect(path, message, SUBSETS);
    if (message.getMetadataFallbackPolicy()
        != LbSubsetMetadataFallbackPolicy.METADATA_NO_FALLBACK) {
      reading.unsupported(
          path + ".metadata_fallback_policy",
          message.getMetadataFallbackPolicy() + " (expected: METADATA_NO_FALLBACK)");
    }
    if (message.getScaleLocalityWeight() && !message.getLocalityWeightAware()) {
      reading.ignore(path + ".scale_locality_weight");
    }
    List<Selector> selectors = new ArrayList<>();
    for (int i = 0; i < message.getSubsetSelectorsCount(); i++) {
      selectors.add(
          decode(reading, path + ".subset_selectors[" + i + "]", message.getSubsetSelectors(i)));
    }
    Fallback fallback =
        switch (message.getFallbackPolicy()) {
          case NO_FALLBACK -> new Fallback.None();
          case ANY_ENDPOINT -> new Fallback.AnyEndpoint();
          case DEFAULT_SUBSET -> new Fallback.DefaultSubset();
          case UNRECOGNIZED -> {
            reading.refuse(
                path + ".fallback_policy",
                "unknown value (expected: NO_FALLBACK, ANY_ENDPOINT or DEFAULT_SUBSET)");
            yield new Fallback.None();
          }
        };
    return new SubsetOptions(
        fallback,
        LabelCodec.decode(reading, path + ".default_subset", message.getDefaultSubset()),
        selectors,
        localities(message),
        message.getPanicModeAny(),
        message.getListAsAny());
  }

  private static Localities localities(LbSubsetConfig message) {
    if (!message.getLocalityWeightAware()) {
      return Localities.UNWEIGHTED;
    }
    return message.getScaleLocalityWeight() ? Localities.SCALED : Localities.WEIGHTED;
  }

  private static Selector decode(Reading reading, String path, LbSubsetSelector message) {
    reading.expect(path, message, SELECTOR);
    Set<String> keys = Set.copyOf(message.getKeysList());
    if (keys.isEmpty() || message.getSingleHostPerSubset() && keys.size() > 1) {
      reading.refuse(
          path + ".keys",
          keys.size() + " keys (expected: at least one, and just one with single_host_per_subset)");
    }
    return new Selector(keys, fallback(reading, path, message), message.getSingleHostPerSubset());
  }

  private static Optional<Fallback> fallback(
      Reading reading, String path, LbSubsetSelector message) {
    return switch (message.getFallbackPolicy()) {
      case NOT_DEFINED -> Optional.empty();
      case NO_FALLBACK -> Optional.of(new Fallback.None());
      case ANY_ENDPOINT -> Optional.of(new Fallback.AnyEndpoint());
      case DEFAULT_SUBSET -> Optional.of(new Fallback.DefaultSubset());
      case KEYS_SUBSET -> {
        Set<String> fewer = Set.copyOf(message.getFallbackKeysSubsetList());
        if (fewer.isEmpty()
            || !message.getKeysList().containsAll(fewer)
            || fewer.size() >= Set.copyOf(message.getKeysList()).size()) {
          reading.refuse(
              path + ".fallback_keys_subset", fewer + " (expected: some of the keys, not all)");
        }
        yield Optional.of(new Fallback.FewerKeys(fewer));
      }
      case UNRECOGNIZED -> {
        reading.refuse(path + ".fallback_policy", "unknown value (expected: one of Envoy's)");
        yield Optional.of(new Fallback.None());
      }
    };
  }
}
