package dev.meshctl.model.wire;

import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.StandaloneConfig.Source;
import dev.meshctl.model.xds.StandaloneConfig.Streams;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@link Streams} from the config sources of a bootstrap. */
final class SourceCodec {
  private static final KnownFields API =
      KnownFields.of(
              ApiConfigSource.getDescriptor(),
              "api_type",
              "transport_api_version",
              "grpc_services",
              "cluster_names",
              "refresh_delay",
              "request_timeout")
          .leavingAside("set_node_on_first_message_only");

  /** Envoy's, where none is set. */
  private static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.ofSeconds(1);

  private SourceCodec() {}

  /**
   * All that is named, type by type. What only resources from a server refer to comes from where
   * these came from.
   *
   * @param ads the stream that {@code ads} names, if there is one
   */
  static Streams decode(
      Reading reading,
      Optional<Source> ads,
      Set<ResourceType> wildcards,
      List<Reading.Streamed> named) {
    Map<ResourceType, Source> sources = new EnumMap<>(ResourceType.class);
    Set<ResourceType> all = EnumSet.noneOf(ResourceType.class);
    for (Reading.Streamed each : named) {
      Optional<Source> source =
          each.source().hasApiConfigSource()
              ? api(reading, each.path() + ".api_config_source", each.source().getApiConfigSource())
              : ads;
      if (source.isEmpty()) {
        if (!each.source().hasApiConfigSource()) {
          reading.refuse(each.path(), "ads (expected: dynamic_resources.ads_config beside it)");
        }
        continue;
      }
      if (wildcards.contains(each.type())) {
        all.add(each.type());
      }
      Source before = sources.putIfAbsent(each.type(), source.get());
      if (before != null && !before.equals(source.get())) {
        reading.refuse(
            each.path(),
            "another server for the same type than before (expected: one for all of a type)");
      }
    }
    inherit(sources, ResourceType.CLUSTER, ResourceType.ENDPOINTS);
    inherit(sources, ResourceType.LISTENER, ResourceType.ROUTE);
    Source routes = sources.get(ResourceType.ROUTE);
    if (routes != null && routes.api() == Source.Api.DELTA_GRPC) {
      // The only variant that has them.
      sources.putIfAbsent(ResourceType.VIRTUAL_HOST, routes);
    }
    inherit(sources, ResourceType.LISTENER, ResourceType.SECRET);
    inherit(sources, ResourceType.CLUSTER, ResourceType.SECRET);
    return new Streams(sources, all);
  }

  /** Refuses what a resource from a server wants from elsewhere than {@code known} says. */
  static void expectKnown(Reading reading, Streams known) {
    for (Reading.Streamed each : reading.streamed()) {
      Optional<Source> ours = Optional.ofNullable(known.sources().get(each.type()));
      String expected =
          ours.map(source -> source.aggregated() ? "ads, or " + source.cluster() : source.cluster())
              .orElse("no server: the bootstrap names none for this type");
      if (!each.source().hasApiConfigSource()) {
        if (ours.isEmpty() || !ours.get().aggregated()) {
          reading.refuse(each.path(), "ads (expected: " + expected + ")");
        }
        continue;
      }
      String path = each.path() + ".api_config_source";
      Optional<String> named =
          api(reading, path, each.source().getApiConfigSource()).map(Source::cluster);
      if (named.isPresent() && !named.equals(ours.map(Source::cluster))) {
        reading.refuse(path, "server " + named.get() + " (expected: " + expected + ")");
      }
    }
  }

  private static void inherit(
      Map<ResourceType, Source> sources, ResourceType from, ResourceType to) {
    Source source = sources.get(from);
    if (source != null) {
      sources.putIfAbsent(to, source);
    }
  }

  /** One server; empty where it was refused. */
  static Optional<Source> api(Reading reading, String path, ApiConfigSource source) {
    reading.expect(path, source, API);
    return switch (source.getApiType()) {
      case GRPC, AGGREGATED_GRPC -> grpc(reading, path, source, Source.Api.GRPC);
      case DELTA_GRPC, AGGREGATED_DELTA_GRPC -> grpc(reading, path, source, Source.Api.DELTA_GRPC);
      case REST -> {
        Duration refresh = reading.duration(path + ".refresh_delay", source.getRefreshDelay());
        if (source.getClusterNamesCount() != 1) {
          reading.refuse(path + ".cluster_names", "(expected: one)");
          yield Optional.empty();
        }
        if (!refresh.isPositive()) {
          reading.refuse(path + ".refresh_delay", refresh + " (expected: longer than 0)");
          yield Optional.empty();
        }
        yield Optional.of(
            new Source(
                Source.Api.REST,
                source.getClusterNames(0),
                refresh,
                source.hasRequestTimeout()
                    ? reading.duration(path + ".request_timeout", source.getRequestTimeout())
                    : DEFAULT_REQUEST_TIMEOUT,
                false));
      }
      case DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE, UNRECOGNIZED -> {
        reading.refuse(
            path + ".api_type", source.getApiType() + " (expected: GRPC, DELTA_GRPC or REST)");
        yield Optional.empty();
      }
    };
  }

  private static Optional<Source> grpc(
      Reading reading, String path, ApiConfigSource source, Source.Api api) {
    if (source.getGrpcServicesCount() != 1 || !source.getGrpcServices(0).hasEnvoyGrpc()) {
      reading.refuse(path + ".grpc_services", "(expected: one, with envoy_grpc)");
      return Optional.empty();
    }
    return Optional.of(
        new Source(
            api,
            source.getGrpcServices(0).getEnvoyGrpc().getClusterName(),
            Duration.ZERO,
            Duration.ZERO,
            false));
  }
}
