package dev.meshctl.model.wire;

import com.google.protobuf.BoolValue;
import dev.meshctl.model.xds.Labels;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction.Forward;
import dev.meshctl.model.xds.RouteTableConfig.Steering;
import dev.meshctl.model.xds.Upgrades;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.route.Fault;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.HostFrom;
import dev.meshctl.model.xds.route.Mirror;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.PathRewrite;
import dev.meshctl.model.xds.route.Timeouts;
import io.envoyproxy.envoy.config.core.v3.RoutingPriority;
import io.envoyproxy.envoy.config.core.v3.RuntimeFractionalPercent;
import io.envoyproxy.envoy.config.route.v3.HedgePolicy;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteAction.MaxStreamDuration;
import io.envoyproxy.envoy.config.route.v3.RouteAction.RequestMirrorPolicy;
import io.envoyproxy.envoy.config.route.v3.RouteAction.UpgradeConfig;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster.ClusterWeight;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatchAndSubstitute;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** {@link Forward} to and from {@code RouteAction}. */
final class ForwardCodec {
  /** Envoy's, where none is set. */
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(15);

  /** The whole path, as Istio writes it; the others mean the same. */
  private static final String WHOLE_PATH = "/.*";

  private static final Set<String> WHOLE_PATHS = Set.of(WHOLE_PATH, "^/.*$", "^.*$");

  private static final KnownFields ACTION =
      KnownFields.of(
              RouteAction.getDescriptor(),
              "cluster",
              "weighted_clusters",
              "prefix_rewrite",
              "regex_rewrite",
              "host_rewrite_literal",
              "host_rewrite_header",
              "host_rewrite_path_regex",
              "auto_host_rewrite",
              "append_x_forwarded_host",
              "idle_timeout",
              "max_grpc_timeout",
              "grpc_timeout_offset",
              "max_stream_duration",
              "timeout",
              "retry_policy",
              "request_mirror_policies",
              "upgrade_configs",
              "hash_policy",
              "priority",
              "hedge_policy",
              "metadata_match")
          .leavingAside(
              "cluster_not_found_response_code", "early_data_policy", "include_vh_rate_limits");
  private static final KnownFields MAX_STREAM =
      KnownFields.of(
          MaxStreamDuration.getDescriptor(),
          "max_stream_duration",
          "grpc_timeout_header_max",
          "grpc_timeout_header_offset");
  private static final KnownFields WEIGHTS =
      KnownFields.of(
              io.envoyproxy.envoy.config.route.v3.WeightedCluster.getDescriptor(), "clusters")
          .leavingAside("total_weight", "runtime_key_prefix");
  private static final KnownFields WEIGHT =
      KnownFields.of(
          ClusterWeight.getDescriptor(),
          "name",
          "weight",
          "request_headers_to_add",
          "request_headers_to_remove",
          "response_headers_to_add",
          "response_headers_to_remove",
          "metadata_match");

  /** What else stands in a hedge policy, Envoy itself does not implement. */
  private static final KnownFields CONNECT_CONFIG =
      KnownFields.of(UpgradeConfig.ConnectConfig.getDescriptor());

  private static final KnownFields HEDGE =
      KnownFields.of(HedgePolicy.getDescriptor(), "hedge_on_per_try_timeout");

  private static final KnownFields MIRROR =
      KnownFields.of(
              RequestMirrorPolicy.getDescriptor(),
              "cluster",
              "runtime_fraction",
              "disable_shadow_host_suffix_append")
          .leavingAside("trace_sampled");

  private ForwardCodec() {}

  static RouteAction encode(Forward forward, PathMatch path) {
    RouteAction.Builder message =
        RouteAction.newBuilder().setTimeout(Packing.duration(forward.timeout()));
    if (forward.clusters().size() == 1
        && !forward.steering().stickySplit()
        && forward
            .clusters()
            .getFirst()
            .equals(WeightedCluster.only(forward.clusters().getFirst().cluster()))) {
      message.setCluster(forward.clusters().getFirst().cluster());
    } else {
      var weighted = message.getWeightedClustersBuilder();
      if (forward.steering().stickySplit()) {
        weighted.setUnknownFields(StickySplitField.SET);
      }
      forward.clusters().forEach(cluster -> weighted.addClusters(encode(cluster)));
    }
    forward.retry().ifPresent(retry -> message.setRetryPolicy(RetryCodec.encode(retry)));
    forward.rewrite().ifPresent(rewrite -> encode(rewrite, message));
    if (!forward.hostRewrite().isEmpty()) {
      message.setHostRewriteLiteral(forward.hostRewrite());
    }
    forward
        .hostFrom()
        .ifPresent(from -> {
          switch (from) {
            case HostFrom.HeaderValue(var header) -> message.setHostRewriteHeader(header);
            case HostFrom.Upstream() -> message.setAutoHostRewrite(BoolValue.of(true));
            case HostFrom.PathRegex(var pattern, var substitution) ->
                message.setHostRewritePathRegex(encode(pattern, substitution));
          }
        });
    encode(forward.timeouts(), message);
    message.setAppendXForwardedHost(forward.appendForwardedHost());
    for (Mirror mirror : forward.mirrors()) {
      message
          .addRequestMirrorPoliciesBuilder()
          .setCluster(mirror.cluster())
          .setDisableShadowHostSuffixAppend(mirror.keepsHost())
          .setRuntimeFraction(
              RuntimeFractionalPercent.newBuilder()
                  .setDefaultValue(FaultCodec.percent(mirror.percentage())));
    }
    forward.hash().forEach(policy -> message.addHashPolicy(HashPolicyCodec.encode(policy)));
    if (forward.steering().hedges()) {
      message.getHedgePolicyBuilder().setHedgeOnPerTryTimeout(true);
    }
    if (forward.steering().highPriority()) {
      message.setPriority(RoutingPriority.HIGH);
    }
    if (path instanceof PathMatch.Connect) {
      UpgradeConfig.Builder connect =
          message.addUpgradeConfigsBuilder().setUpgradeType(UpgradesCodec.CONNECT);
      if (!forward.steering().passesConnect()) {
        connect.getConnectConfigBuilder();
      }
    }
    Upgrades upgrades = forward.steering().upgrades();
    upgrades.allowed().forEach(name -> message.addUpgradeConfigsBuilder().setUpgradeType(name));
    upgrades
        .refused()
        .forEach(name ->
            message
                .addUpgradeConfigsBuilder()
                .setUpgradeType(name)
                .setEnabled(BoolValue.of(false)));
    return message.build();
  }

  private static void encode(Timeouts timeouts, RouteAction.Builder message) {
    timeouts.idle().ifPresent(idle -> message.setIdleTimeout(Packing.duration(idle)));
    timeouts.grpcMax().ifPresent(most -> message.setMaxGrpcTimeout(Packing.duration(most)));
    timeouts
        .maxStream()
        .ifPresent(most ->
            message.getMaxStreamDurationBuilder().setMaxStreamDuration(Packing.duration(most)));
    timeouts
        .grpcMaxStream()
        .ifPresent(most ->
            message.getMaxStreamDurationBuilder().setGrpcTimeoutHeaderMax(Packing.duration(most)));
    if (timeouts.grpcOffset().isPositive()) {
      if (timeouts.grpcMaxStream().isPresent()) {
        message
            .getMaxStreamDurationBuilder()
            .setGrpcTimeoutHeaderOffset(Packing.duration(timeouts.grpcOffset()));
      } else {
        message.setGrpcTimeoutOffset(Packing.duration(timeouts.grpcOffset()));
      }
    }
  }

  private static Timeouts timeouts(Reading reading, String path, RouteAction message) {
    MaxStreamDuration stream = message.getMaxStreamDuration();
    reading.expect(path + ".max_stream_duration", stream, MAX_STREAM);
    return new Timeouts(
        optional(
            reading, path + ".idle_timeout", message.hasIdleTimeout(), message.getIdleTimeout()),
        optional(
            reading,
            path + ".max_stream_duration.max_stream_duration",
            stream.hasMaxStreamDuration(),
            stream.getMaxStreamDuration()),
        optional(
            reading,
            path + ".max_stream_duration.grpc_timeout_header_max",
            stream.hasGrpcTimeoutHeaderMax(),
            stream.getGrpcTimeoutHeaderMax()),
        optional(
            reading,
            path + ".max_grpc_timeout",
            message.hasMaxGrpcTimeout(),
            message.getMaxGrpcTimeout()),
        stream.hasGrpcTimeoutHeaderOffset()
            ? reading.duration(
                path + ".max_stream_duration.grpc_timeout_header_offset",
                stream.getGrpcTimeoutHeaderOffset())
            : reading.duration(path + ".grpc_timeout_offset", message.getGrpcTimeoutOffset()));
  }

  private static Optional<Duration> optional(
      Reading reading, String path, boolean present, com.google.protobuf.Duration value) {
    return present ? Optional.of(reading.duration(path, value)) : Optional.empty();
  }

  private static ClusterWeight encode(WeightedCluster cluster) {
    ClusterWeight.Builder message = ClusterWeight.newBuilder();
    if (!cluster.subset().isEmpty()) {
      message.setMetadataMatch(LabelCodec.encode(cluster.subset()));
    }
    return message
        .setName(cluster.cluster())
        .setWeight(Packing.unsigned(cluster.weight()))
        .addAllRequestHeadersToAdd(HeaderCodec.encode(cluster.headers().request()))
        .addAllRequestHeadersToRemove(cluster.headers().request().remove())
        .addAllResponseHeadersToAdd(HeaderCodec.encode(cluster.headers().response()))
        .addAllResponseHeadersToRemove(cluster.headers().response().remove())
        .build();
  }

  private static void encode(PathRewrite rewrite, RouteAction.Builder message) {
    switch (rewrite) {
      case PathRewrite.Prefix(var replacement) -> message.setPrefixRewrite(replacement);
      case PathRewrite.Full(var path) ->
          message.setRegexRewrite(encode(WHOLE_PATH, path.replace("\\", "\\\\")));
      case PathRewrite.Regex(var pattern, var substitution) ->
          message.setRegexRewrite(encode(pattern, substitution));
    }
  }

  static RegexMatchAndSubstitute encode(String pattern, String substitution) {
    return RegexMatchAndSubstitute.newBuilder()
        .setPattern(ValueMatchCodec.regex(pattern))
        .setSubstitution(substitution)
        .build();
  }

  static Forward decode(Reading reading, String path, RouteAction message, Optional<Fault> fault) {
    reading.expect(path, message, ACTION);
    reading.expect(path + ".hedge_policy", message.getHedgePolicy(), HEDGE);
    boolean passesConnect = false;
    Set<String> allowed = new TreeSet<>();
    Set<String> refused = new TreeSet<>();
    for (UpgradeConfig upgrade : message.getUpgradeConfigsList()) {
      if (upgrade.getUpgradeType().equalsIgnoreCase(UpgradesCodec.CONNECT)) {
        reading.expect(
            path + ".upgrade_configs[CONNECT].connect_config",
            upgrade.getConnectConfig(),
            CONNECT_CONFIG);
        passesConnect = !upgrade.hasConnectConfig();
      } else if (!upgrade.hasEnabled() || upgrade.getEnabled().getValue()) {
        allowed.add(upgrade.getUpgradeType());
      } else {
        refused.add(upgrade.getUpgradeType());
      }
    }
    return new Forward(
        clusters(reading, path, message),
        message.hasTimeout()
            ? reading.duration(path + ".timeout", message.getTimeout())
            : DEFAULT_TIMEOUT,
        message.hasRetryPolicy()
            ? Optional.of(
                RetryCodec.decode(reading, path + ".retry_policy", message.getRetryPolicy()))
            : Optional.empty(),
        rewrite(message),
        message.getHostRewriteLiteral(),
        mirrors(reading, path, message),
        fault,
        hostFrom(message),
        message.getAppendXForwardedHost(),
        HashPolicyCodec.decode(reading, path + ".hash_policy", message.getHashPolicyList()),
        timeouts(reading, path, message),
        new Steering(
            StickySplitField.in(message.getWeightedClusters()),
            message.getPriority() == RoutingPriority.HIGH,
            message.getHedgePolicy().getHedgeOnPerTryTimeout(),
            passesConnect,
            new Upgrades(allowed, refused)));
  }

  private static Optional<HostFrom> hostFrom(RouteAction message) {
    return switch (message.getHostRewriteSpecifierCase()) {
      case HOST_REWRITE_HEADER ->
          Optional.of(new HostFrom.HeaderValue(message.getHostRewriteHeader()));
      case HOST_REWRITE_PATH_REGEX ->
          Optional.of(
              new HostFrom.PathRegex(
                  message.getHostRewritePathRegex().getPattern().getRegex(),
                  message.getHostRewritePathRegex().getSubstitution()));
      case AUTO_HOST_REWRITE ->
          message.getAutoHostRewrite().getValue()
              ? Optional.of(new HostFrom.Upstream())
              : Optional.empty();
      case HOST_REWRITE_LITERAL, HOSTREWRITESPECIFIER_NOT_SET -> Optional.empty();
    };
  }

  private static List<WeightedCluster> clusters(Reading reading, String path, RouteAction message) {
    Labels subset = LabelCodec.match(reading, path + ".metadata_match", message.getMetadataMatch());
    return switch (message.getClusterSpecifierCase()) {
      case CLUSTER -> List.of(new WeightedCluster(message.getCluster(), 1, Headers.NONE, subset));
      case WEIGHTED_CLUSTERS -> {
        reading.expect(
            path + ".weighted_clusters",
            StickySplitField.without(message.getWeightedClusters()),
            WEIGHTS);
        List<WeightedCluster> clusters = new ArrayList<>();
        List<ClusterWeight> weights = message.getWeightedClusters().getClustersList();
        if (weights.isEmpty()) {
          reading.refuse(path + ".weighted_clusters", "no cluster (expected: at least one)");
        }
        for (int i = 0; i < weights.size(); i++) {
          clusters.add(
              decode(
                  reading,
                  path + ".weighted_clusters.clusters[" + i + "]",
                  weights.get(i),
                  subset));
        }
        yield clusters;
      }
      case CLUSTER_HEADER,
          CLUSTER_SPECIFIER_PLUGIN,
          INLINE_CLUSTER_SPECIFIER_PLUGIN,
          CLUSTERSPECIFIER_NOT_SET -> {
        if (message.getClusterSpecifierCase()
            == RouteAction.ClusterSpecifierCase.CLUSTERSPECIFIER_NOT_SET) {
          reading.refuse(path, "no cluster (expected: cluster or weighted_clusters)");
        }
        yield List.of();
      }
    };
  }

  private static WeightedCluster decode(
      Reading reading, String path, ClusterWeight message, Labels ofRoute) {
    reading.expect(path, message, WEIGHT);
    return new WeightedCluster(
        message.getName(),
        Reading.unsigned(message.getWeight()),
        new Headers(
            HeaderCodec.decode(
                reading,
                path + ".request_headers_to_add",
                message.getRequestHeadersToAddList(),
                message.getRequestHeadersToRemoveList()),
            HeaderCodec.decode(
                reading,
                path + ".response_headers_to_add",
                message.getResponseHeadersToAddList(),
                message.getResponseHeadersToRemoveList())),
        ofRoute.with(
            LabelCodec.match(reading, path + ".metadata_match", message.getMetadataMatch())));
  }

  private static Optional<PathRewrite> rewrite(RouteAction message) {
    if (message.hasRegexRewrite()) {
      RegexMatchAndSubstitute regex = message.getRegexRewrite();
      String substitution = regex.getSubstitution();
      // Doubled backslashes apart, the whole path replaced by a text without groups is a text.
      boolean literal = substitution.replace("\\\\", "").indexOf('\\') < 0;
      return Optional.of(
          literal && WHOLE_PATHS.contains(regex.getPattern().getRegex())
              ? new PathRewrite.Full(substitution.replace("\\\\", "\\"))
              : new PathRewrite.Regex(regex.getPattern().getRegex(), substitution));
    }
    return message.getPrefixRewrite().isEmpty()
        ? Optional.empty()
        : Optional.of(new PathRewrite.Prefix(message.getPrefixRewrite()));
  }

  private static List<Mirror> mirrors(Reading reading, String path, RouteAction message) {
    List<Mirror> mirrors = new ArrayList<>();
    for (int i = 0; i < message.getRequestMirrorPoliciesCount(); i++) {
      RequestMirrorPolicy policy = message.getRequestMirrorPolicies(i);
      reading.expect(path + ".request_mirror_policies[" + i + "]", policy, MIRROR);
      mirrors.add(
          new Mirror(
              policy.getCluster(),
              policy.hasRuntimeFraction()
                  ? FaultCodec.percent(policy.getRuntimeFraction().getDefaultValue())
                  : 100,
              policy.getDisableShadowHostSuffixAppend()));
    }
    return mirrors;
  }
}
