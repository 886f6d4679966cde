package dev.meshctl.model.xds;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a proxy that runs alone is started with: {@code envoy.config.bootstrap.v3.Bootstrap}, as far
 * as we act on it.
 *
 * @param node who it is; role and namespace are read from its id where that is of our form
 * @param admin address of the admin server, empty for none
 * @param statics {@code static_resources}, and the secrets that stand in them
 * @param streams the servers that bring the rest
 * @param overload when it protects itself
 * @param home where it stands
 * @param watched files whose resources join the static ones, and that are watched for change
 */
public record StandaloneConfig(
    ProxyNode node,
    Optional<SocketEndpoint> admin,
    XdsSnapshot statics,
    Streams streams,
    List<WatchedFile> watched,
    OverloadConfig overload,
    Home home) {
  public StandaloneConfig {
    watched = List.copyOf(watched);
  }

  /**
   * The servers that resources come from.
   *
   * @param sources each type from one of them
   * @param wildcards the types of which all is taken; of the others, what something refers to
   */
  public record Streams(Map<ResourceType, Source> sources, Set<ResourceType> wildcards) {
    public static final Streams NONE = new Streams(Map.of(), Set.of());

    public Streams {
      sources = Map.copyOf(sources);
      wildcards = Set.copyOf(wildcards);
    }
  }

  /**
   * {@code api_config_source}, or the stream that {@code ads} means.
   *
   * @param cluster the static cluster that is the server
   * @param refresh pause between two polls, zero where nothing is polled
   * @param requestTimeout of a poll, zero where nothing is polled
   * @param aggregated all types of this source share a stream
   */
  public record Source(
      Api api, String cluster, Duration refresh, Duration requestTimeout, boolean aggregated) {
    /** {@code api_type}. */
    public enum Api {
      GRPC,
      DELTA_GRPC,
      REST
    }
  }

  /** A {@code path_config_source}: a {@code DiscoveryResponse} as YAML or JSON. */
  public record WatchedFile(ResourceType type, String path) {}
}
