package dev.meshctl.model.wire;

import dev.meshctl.model.xds.Upgrades;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.UpgradeConfig;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** {@link Upgrades} to and from the two messages that are named {@code UpgradeConfig}. */
final class UpgradesCodec {
  static final String CONNECT = "CONNECT";
  private static final KnownFields OF_LISTENER =
      KnownFields.of(UpgradeConfig.getDescriptor(), "upgrade_type", "enabled");

  private UpgradesCodec() {}

  static List<UpgradeConfig> ofListener(Upgrades upgrades) {
    return upgrades.allowed().stream()
        .map(protocol -> UpgradeConfig.newBuilder().setUpgradeType(protocol).build())
        .toList();
  }

  /** CONNECT is left aside by its name: routes say whether they take it. */
  static Upgrades decode(Reading reading, String path, List<UpgradeConfig> configs) {
    TreeSet<String> allowed = new TreeSet<>();
    for (UpgradeConfig config : configs) {
      String at = path + ".upgrade_configs[" + config.getUpgradeType() + "]";
      reading.expect(at, config, OF_LISTENER);
      if (config.getUpgradeType().equalsIgnoreCase(CONNECT)) {
        reading.ignore(at);
      } else if (!config.hasEnabled() || config.getEnabled().getValue()) {
        allowed.add(config.getUpgradeType());
      }
    }
    return new Upgrades(allowed, Set.of());
  }
}
