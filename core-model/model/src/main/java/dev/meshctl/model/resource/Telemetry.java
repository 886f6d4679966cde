package dev.meshctl.model.resource;

import dev.meshctl.model.resource.AuthorizationPolicy.Target;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Istio {@code telemetry.istio.io/Telemetry}: what is measured, logged and traced of workloads, and
 * by whom. Read and checked; nothing of it is applied yet.
 *
 * @param selector labels of the workloads that are meant; empty is the whole namespace, of the root
 *     namespace the whole mesh
 * @param targets in place of the selector where there are any
 */
public record Telemetry(
    Metadata metadata,
    Map<String, String> selector,
    List<Target> targets,
    List<Tracing> tracing,
    List<Metrics> metrics,
    List<AccessLogging> accessLogging)
    implements MeshResource {
  public Telemetry {
    selector = Map.copyOf(selector);
    targets = List.copyOf(targets);
    tracing = List.copyOf(tracing);
    metrics = List.copyOf(metrics);
    accessLogging = List.copyOf(accessLogging);
  }

  @java.lang.Override
  public String kind() {
    return "Telemetry";
  }

  /** {@code mode}: of which side of a call. */
  public enum Side {
    CLIENT_AND_SERVER,
    CLIENT,
    SERVER
  }

  /**
   * {@code tracing[]}.
   *
   * @param samplingPercentage 0 to 100; empty inherits
   */
  public record Tracing(
      Side match,
      List<String> providers,
      Optional<Double> samplingPercentage,
      Optional<Boolean> disableSpanReporting,
      Map<String, CustomTag> customTags,
      Optional<Boolean> useRequestIdForTraceSampling,
      Optional<Boolean> enableIstioTags,
      Optional<Boolean> disableContextPropagation) {
    public Tracing {
      providers = List.copyOf(providers);
      customTags = Map.copyOf(customTags);
    }
  }

  /** A tag of a span. */
  public sealed interface CustomTag {
    record Literal(String value) implements CustomTag {}

    record Environment(String name, String defaultValue) implements CustomTag {}

    record Header(String name, String defaultValue) implements CustomTag {}

    record Formatter(String value) implements CustomTag {}
  }

  /** {@code metrics[]}. */
  public record Metrics(
      List<String> providers, List<Override> overrides, Optional<Duration> reportingInterval) {
    public Metrics {
      providers = List.copyOf(providers);
      overrides = List.copyOf(overrides);
    }
  }

  /**
   * {@code metrics[].overrides[]}.
   *
   * @param metric {@code REQUEST_COUNT} and the like, or the name of another
   * @param tags what a tag becomes, by its name; empty removes it
   */
  public record Override(
      String metric, Side side, Optional<Boolean> disabled, Map<String, Optional<String>> tags) {
    public Override {
      tags = Map.copyOf(tags);
    }
  }

  /**
   * {@code accessLogging[]}.
   *
   * @param filter a CEL expression; empty logs all
   */
  public record AccessLogging(
      Side match, List<String> providers, Optional<Boolean> disabled, String filter) {
    public AccessLogging {
      providers = List.copyOf(providers);
    }
  }
}
