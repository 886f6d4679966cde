package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.ProxyConfig;
import dev.meshctl.model.resource.Telemetry;
import dev.meshctl.model.resource.Telemetry.AccessLogging;
import dev.meshctl.model.resource.Telemetry.CustomTag;
import dev.meshctl.model.resource.Telemetry.Metrics;
import dev.meshctl.model.resource.Telemetry.Side;
import dev.meshctl.model.resource.Telemetry.Tracing;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.DiagnosticCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Istio's Telemetry and ProxyConfig, with the checks that Istio makes when one is applied. */
final class TelemetryParser {
  private static final Map<String, Side> SIDES =
      Map.of(
          "CLIENT_AND_SERVER", Side.CLIENT_AND_SERVER,
          "CLIENT", Side.CLIENT,
          "SERVER", Side.SERVER);
  private static final Map<String, String> METRICS =
      Stream.of(
              "ALL_METRICS",
              "REQUEST_COUNT",
              "REQUEST_DURATION",
              "REQUEST_SIZE",
              "RESPONSE_SIZE",
              "TCP_OPENED_CONNECTIONS",
              "TCP_CLOSED_CONNECTIONS",
              "TCP_SENT_BYTES",
              "TCP_RECEIVED_BYTES",
              "GRPC_REQUEST_MESSAGES",
              "GRPC_RESPONSE_MESSAGES")
          .collect(Collectors.toMap(name -> name, name -> name));
  private static final String REMOVE = "REMOVE";
  private static final Map<String, String> OPERATIONS = Map.of("UPSERT", "UPSERT", REMOVE, REMOVE);
  private static final int WHOLE = 100;

  private TelemetryParser() {}

  static Telemetry telemetry(Metadata metadata, YamlObject root) {
    Optional<YamlObject> written = root.object("spec");
    if (written.isEmpty()) {
      return new Telemetry(metadata, Map.of(), List.of(), List.of(), List.of(), List.of());
    }
    YamlObject spec = written.get();
    return new Telemetry(
        metadata,
        Shared.matchLabels(spec, "selector"),
        AuthorizationPolicyParser.targets(spec, metadata),
        spec.objects("tracing").stream().map(TelemetryParser::tracing).toList(),
        spec.objects("metrics").stream().map(TelemetryParser::metrics).toList(),
        spec.objects("accessLogging").stream().map(TelemetryParser::accessLogging).toList());
  }

  private static Tracing tracing(YamlObject tracing) {
    Map<String, CustomTag> tags = new LinkedHashMap<>();
    tracing
        .objectMap("customTags")
        .forEach((name, tag) -> customTag(tag).ifPresent(read -> tags.put(name, read)));
    return new Tracing(
        side(tracing.object("match")),
        providers(tracing),
        tracing.decimal("randomSamplingPercentage", 0, WHOLE),
        tracing.flag("disableSpanReporting"),
        tags,
        tracing.flag("useRequestIdForTraceSampling"),
        tracing.flag("enableIstioTags"),
        tracing.flag("disableContextPropagation"));
  }

  private static Optional<CustomTag> customTag(YamlObject tag) {
    List<CustomTag> kinds = new ArrayList<>();
    tag.object("literal")
        .ifPresent(of -> kinds.add(new CustomTag.Literal(of.requiredText("value"))));
    tag.object("environment")
        .ifPresent(of ->
            kinds.add(
                new CustomTag.Environment(
                    of.requiredText("name"), of.text("defaultValue").orElse(""))));
    tag.object("header")
        .ifPresent(of ->
            kinds.add(
                new CustomTag.Header(of.requiredText("name"), of.text("defaultValue").orElse(""))));
    tag.object("formatter")
        .ifPresent(of -> kinds.add(new CustomTag.Formatter(of.requiredText("value"))));
    if (kinds.isEmpty()) {
      tag.missing("literal");
    } else if (kinds.size() > 1) {
      tag.report(
          DiagnosticCode.CONFLICTING_FIELDS,
          tag.written().getFirst(),
          "stands beside others (expected: one of literal, environment, header, formatter)");
    }
    return kinds.stream().findFirst();
  }

  private static Metrics metrics(YamlObject metrics) {
    return new Metrics(
        providers(metrics),
        metrics.objects("overrides").stream().map(TelemetryParser::override).toList(),
        Durations.istio(metrics, "reportingInterval"));
  }

  private static Telemetry.Override override(YamlObject override) {
    Map<String, Optional<String>> tags = new LinkedHashMap<>();
    override
        .objectMap("tagOverrides")
        .forEach((name, tag) -> {
          boolean removed = tag.word("operation", OPERATIONS).orElse("UPSERT").equals(REMOVE);
          Optional<String> value = tag.text("value").filter(text -> !text.isEmpty());
          if (!removed && value.isEmpty()) {
            tag.missing("value");
          } else if (removed && value.isPresent()) {
            tag.report(
                DiagnosticCode.CONFLICTING_FIELDS,
                "value",
                "stands beside operation REMOVE (expected: UPSERT)");
          }
          tags.put(name, removed ? Optional.empty() : value);
        });
    Optional<YamlObject> match = override.object("match");
    Optional<String> metric = match.flatMap(m -> m.word("metric", METRICS));
    Optional<String> custom = match.flatMap(m -> m.text("customMetric"));
    if (metric.isPresent() && custom.isPresent()) {
      match
          .get()
          .report(
              DiagnosticCode.CONFLICTING_FIELDS,
              "customMetric",
              "stands beside metric (expected: one of the two)");
    }
    return new Telemetry.Override(
        metric.or(() -> custom).orElse("ALL_METRICS"),
        side(match),
        override.flag("disabled"),
        tags);
  }

  private static AccessLogging accessLogging(YamlObject logging) {
    return new AccessLogging(
        side(logging.object("match")),
        providers(logging),
        logging.flag("disabled"),
        logging.object("filter").flatMap(filter -> filter.text("expression")).orElse(""));
  }

  private static Side side(Optional<YamlObject> match) {
    return match.flatMap(m -> m.word("mode", SIDES)).orElse(Side.CLIENT_AND_SERVER);
  }

  private static List<String> providers(YamlObject from) {
    return from.objects("providers").stream()
        .map(provider -> provider.requiredText("name"))
        .toList();
  }

  static ProxyConfig proxyConfig(Metadata metadata, YamlObject root) {
    Optional<YamlObject> spec = root.object("spec");
    return new ProxyConfig(
        metadata,
        spec.map(s -> Shared.matchLabels(s, "selector")).orElse(Map.of()),
        spec.flatMap(s -> s.number("concurrency", 0, Integer.MAX_VALUE)),
        spec.map(s -> s.textMap("environmentVariables")).orElse(Map.of()),
        spec.flatMap(s -> s.object("image")).flatMap(i -> i.text("imageType")).orElse(""));
  }
}
