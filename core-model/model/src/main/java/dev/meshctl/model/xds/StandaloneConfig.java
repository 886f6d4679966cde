package dev.meshctl.model.xds;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a proxy that runs alone is started with: {@code envoy.config.bootstrap.v3.Bootstrap}, as far
 * as we act on it.
 *
 * @param node who it is; role and namespace are read from its id where that is of our form
 * @param admin address of the admin server, empty for none
 * @param accessLog file, {@code -} for standard output, empty for none
 * @param statics {@code static_resources}, and the secrets that stand in them
 * @param ads the aggregated stream that brings all clusters or listeners, or both
 * @param overload when it protects itself
 * @param home where it stands
 * @param watched files whose resources join the static ones, and that are watched for change
 */
public record StandaloneConfig(
    ProxyNode node,
    Optional<SocketEndpoint> admin,
    String accessLog,
    XdsSnapshot statics,
    Optional<Ads> ads,
    List<WatchedFile> watched,
    OverloadConfig overload,
    Home home) {
  public StandaloneConfig {
    watched = List.copyOf(watched);
  }

  /**
   * {@code ads_config}, incremental.
   *
   * @param cluster the static cluster that is the server
   * @param wildcards what it brings all of
   */
  public record Ads(String cluster, Set<ResourceType> wildcards) {
    public Ads {
      wildcards = Set.copyOf(wildcards);
    }
  }

  /** A {@code path_config_source}: a {@code DiscoveryResponse} as YAML or JSON. */
  public record WatchedFile(ResourceType type, String path) {}
}
