package dev.meshctl.injector.mutation;

import dev.meshctl.injector.mutation.InjectionSettings.Resources;
import dev.meshctl.model.source.yaml.YamlDocuments;
import dev.meshctl.model.source.yaml.YamlTree;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.InjectionAnnotations;
import dev.meshctl.model.validation.InjectionAnnotations.Problem;
import dev.meshctl.model.validation.Suggestion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What holds for one pod: the settings, and above them its annotations. */
final class ProxyOptions {
  private static final String CONFIG = "proxy.istio.io/config";
  private static final String SIDECAR = "sidecar.istio.io/";
  private static final String TRAFFIC = "traffic.sidecar.istio.io/";
  private static final String READINESS = "readiness.status.sidecar.istio.io/";
  private static final String TEMPLATES = "inject.istio.io/templates";
  private static final Pattern DURATION = Pattern.compile("(?:(\\d+)m)?(?:(\\d+)s)?");
  private static final int GRACE_SECONDS = 30;

  /** Fields of Istio's ProxyConfig that are known here, and those of them that are applied. */
  private static final List<String> CONFIG_FIELDS =
      List.of(
          "holdApplicationUntilProxyStarts",
          "concurrency",
          "terminationDrainDuration",
          "proxyMetadata",
          "drainDuration",
          "discoveryAddress",
          "statusPort",
          "image",
          "tracing",
          "sampling",
          "proxyStatsMatcher",
          "gatewayTopology",
          "proxyHeaders",
          "privateKeyProvider",
          "readinessProbe",
          "envoyAccessLogService",
          "envoyMetricsService",
          "interceptionMode",
          "extraStatTags",
          "runtimeValues",
          "zipkinAddress",
          "binaryPath",
          "configPath",
          "serviceCluster",
          "proxyAdminPort",
          "caCertificatesPem",
          "meshId",
          "statNameLength",
          "controlPlaneAuthPolicy",
          "proxyBootstrapTemplatePath",
          "customConfigFile");

  private static final int APPLIED_CONFIG_FIELDS = 4;

  private final InjectionSettings settings;
  private final PodSubject pod;
  private final Map<String, String> annotations;
  private final List<Problem> problems;
  private final ObjectNode config;

  ProxyOptions(InjectionSettings settings, PodSubject pod) {
    this.settings = settings;
    this.pod = pod;
    this.annotations = pod.annotations();
    this.problems = new ArrayList<>(InjectionAnnotations.problems(annotations));
    this.config = readConfig();
    json("userVolume");
    json("userVolumeMount");
    if (said(SIDECAR + "interceptionMode", "").equals("TPROXY")) {
      DiagnosticCode code = DiagnosticCode.FIELD_NOT_APPLIED;
      String problem = SIDECAR + "interceptionMode: 'TPROXY' is done as REDIRECT";
      problems.add(new Problem(code, SIDECAR + "interceptionMode", problem, code.fix()));
    }
  }

  InjectionSettings settings() {
    return settings;
  }

  PodSubject pod() {
    return pod;
  }

  /** Those for which the pod is refused. */
  List<Problem> faults() {
    return problems.stream()
        .filter(problem -> problem.code() == DiagnosticCode.BAD_INJECTION_ANNOTATION)
        .toList();
  }

  /** The others, and what follows from the pod itself; one line each. */
  List<String> warnings() {
    List<Problem> others = new ArrayList<>(problems);
    others.removeAll(faults());
    List<String> warnings = new ArrayList<>(lines(others));
    boolean ends = !Trees.text(pod.spec(), "restartPolicy").matches("|Always");
    if (ends && !isNative() && !isGateway()) {
      warnings.add(
          "the pod is to end, and a sidecar that is an ordinary container does not: "
              + "it never completes; use native sidecars (Kubernetes 1.29)");
    }
    return warnings;
  }

  static List<String> lines(List<Problem> problems) {
    return problems.stream()
        .map(found -> found.code().code() + " " + found.problem() + "; " + found.fix())
        .toList();
  }

  private ObjectNode readConfig() {
    String written = annotations.getOrDefault(CONFIG, "");
    YamlDocuments documents = YamlDocuments.of(CONFIG, written);
    if (!documents.diagnostics().isEmpty()) {
      bad(CONFIG, documents.diagnostics().getFirst().problem());
    } else if (documents.roots().size() == 1
        && YamlTree.of(documents.roots().getFirst()) instanceof ObjectNode object) {
      object.propertyNames().forEach(this::checkConfigField);
      if (drainText(object).isEmpty() && object.has("terminationDrainDuration")) {
        bad(
            CONFIG,
            "terminationDrainDuration: "
                + object.get("terminationDrainDuration")
                + " (expected: a duration such as 10s)");
      }
      return object;
    } else if (!documents.roots().isEmpty()) {
      bad(CONFIG, "'" + written + "' (expected: fields of a ProxyConfig)");
    }
    return Trees.object();
  }

  private void checkConfigField(String field) {
    int known = CONFIG_FIELDS.indexOf(field);
    if (known < 0) {
      DiagnosticCode code = DiagnosticCode.UNKNOWN_INJECTION_ANNOTATION;
      String fix = Suggestion.fix(field, CONFIG_FIELDS, code.fix());
      problems.add(new Problem(code, CONFIG, CONFIG + ": '" + field + "' is not known", fix));
    } else if (known >= APPLIED_CONFIG_FIELDS) {
      DiagnosticCode code = DiagnosticCode.FIELD_NOT_APPLIED;
      problems.add(
          new Problem(code, CONFIG, CONFIG + ": '" + field + "' is not applied", code.fix()));
    }
  }

  private void bad(String annotation, String problem) {
    DiagnosticCode code = DiagnosticCode.BAD_INJECTION_ANNOTATION;
    problems.add(new Problem(code, annotation, annotation + ": " + problem, code.fix()));
  }

  /** The entries of an annotation that holds a list in JSON, or names with their entries. */
  private List<ObjectNode> json(String name) {
    String written = annotations.getOrDefault(SIDECAR + name, "");
    List<ObjectNode> entries = new ArrayList<>();
    if (written.isEmpty()) {
      return entries;
    }
    YamlDocuments documents = YamlDocuments.of(name, written);
    JsonNode tree =
        documents.diagnostics().isEmpty() && documents.roots().size() == 1
            ? YamlTree.of(documents.roots().getFirst())
            : Trees.object();
    if (tree.isObject()) {
      tree.properties()
          .forEach(field -> {
            if (field.getValue() instanceof ObjectNode entry) {
              entries.add(Trees.object("name", field.getKey()).setAll(entry));
            }
          });
    } else {
      tree.forEach(entry -> {
        if (entry instanceof ObjectNode object) {
          entries.add(object);
        }
      });
    }
    if (entries.isEmpty()) {
      bad(SIDECAR + name, "'" + written + "' (expected: a list in JSON)");
    }
    return entries;
  }

  private String said(String annotation, String otherwise) {
    return annotations.getOrDefault(annotation, otherwise);
  }

  private boolean said(String annotation, boolean otherwise) {
    return InjectionAnnotations.asBoolean(said(annotation, "")).orElse(otherwise);
  }

  private int said(String annotation, int otherwise) {
    String written = said(annotation, "");
    return written.isEmpty() ? otherwise : Integer.parseInt(written);
  }

  /** The pod is a gateway: its own container is to be the proxy. */
  boolean isGateway() {
    return InjectionAnnotations.list(said(TEMPLATES, "")).contains("gateway");
  }

  String image() {
    return said(SIDECAR + "proxyImage", settings.image());
  }

  boolean isNative() {
    return !isGateway() && said(SIDECAR + "nativeSidecar", settings.nativeSidecars());
  }

  boolean isCaptured() {
    return !isGateway() && !said(SIDECAR + "interceptionMode", "REDIRECT").equals("NONE");
  }

  boolean isCaptured(InjectionSettings.Capture by) {
    return isCaptured() && settings.capture() == by;
  }

  /**
   * Containers wait for the sidecar. A native one is waited for unless the pod says otherwise,
   * because that costs no more than its start-up probe.
   */
  boolean holdsApplication() {
    JsonNode hold = config.path("holdApplicationUntilProxyStarts");
    return hold.isBoolean() ? hold.booleanValue() : isNative() || settings.holdApplication();
  }

  int probePort() {
    return said("status.sidecar.istio.io/port", settings.ports().probes());
  }

  boolean rewritesProbes() {
    return isCaptured()
        && probePort() != 0
        && said(SIDECAR + "rewriteAppHTTPProbers", settings.rewriteProbes());
  }

  /** Timings of the sidecar's own readiness. */
  ObjectNode readiness() {
    return Trees.object(
        "initialDelaySeconds", said(READINESS + "initialDelaySeconds", 0),
        "periodSeconds", said(READINESS + "periodSeconds", 15),
        "timeoutSeconds", 3,
        "failureThreshold", said(READINESS + "failureThreshold", 4));
  }

  Resources resources() {
    Resources usual = settings.resources();
    String cpu = said(SIDECAR + "proxyCPU", "");
    String memory = said(SIDECAR + "proxyMemory", "");
    String cpuLimit = said(SIDECAR + "proxyCPULimit", "");
    String memoryLimit = said(SIDECAR + "proxyMemoryLimit", "");
    if (cpu.isEmpty() && memory.isEmpty() && cpuLimit.isEmpty() && memoryLimit.isEmpty()) {
      return usual;
    }
    // A request above a limit that nobody wrote down would make the pod invalid: as in Istio, who
    // says one says all.
    return new Resources(cpu, cpuLimit, memory, memoryLimit);
  }

  int workerThreads() {
    JsonNode concurrency = config.path("concurrency");
    return concurrency.isInt() && concurrency.intValue() > 0
        ? concurrency.intValue()
        : settings.workerThreads();
  }

  /** Never beyond the time that the pod has for its end; half of it where it lingers before. */
  int drainSeconds() {
    int wanted = drainText(config).isEmpty() ? settings.drainSeconds() : seconds(drainText(config));
    int grace = pod.spec().path("terminationGracePeriodSeconds").asInt(GRACE_SECONDS);
    return Math.max(1, Math.min(wanted, (grace - 1) / (isNative() ? 1 : 2)));
  }

  private static String drainText(ObjectNode config) {
    String written = Trees.text(config, "terminationDrainDuration");
    return DURATION.matcher(written).matches() ? written : "";
  }

  private static int seconds(String duration) {
    Matcher matcher = DURATION.matcher(duration);
    boolean unused = matcher.matches();
    int minutes = matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1));
    int seconds = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
    return minutes * 60 + seconds;
  }

  /** Variables for the sidecar. */
  Map<String, String> metadata() {
    return Trees.texts(config.path("proxyMetadata"));
  }

  List<ObjectNode> userVolumes() {
    return json("userVolume");
  }

  List<ObjectNode> userVolumeMounts() {
    return json("userVolumeMount");
  }

  /** What is captured, as options of the capture program, in the order it lists them. */
  Map<String, String> captured() {
    InjectionSettings.Ports ports = settings.ports();
    List<String> leftAlone = new ArrayList<>();
    leftAlone.add(String.valueOf(settings.ports().metrics()));
    leftAlone.add(String.valueOf(ports.health()));
    if (probePort() != 0) {
      leftAlone.add(String.valueOf(probePort()));
    }
    InjectionAnnotations.list(said(TRAFFIC + "excludeInboundPorts", "")).stream()
        .filter(port -> !leftAlone.contains(port))
        .forEach(leftAlone::add);
    Map<String, String> options = new LinkedHashMap<>();
    options.put("--outbound-port", String.valueOf(ports.outbound()));
    options.put("--inbound-port", String.valueOf(ports.inbound()));
    if (settings.captureDns()) {
      options.put("--dns-port", String.valueOf(ports.dns()));
    }
    options.put("--include-inbound-ports", joined(said(TRAFFIC + "includeInboundPorts", "*")));
    options.put("--exclude-inbound-ports", String.join(",", leftAlone));
    options.put(
        "--include-outbound-blocks",
        joined(said(TRAFFIC + "includeOutboundIPRanges", settings.includeOutboundBlocks())));
    options.put(
        "--exclude-outbound-blocks",
        joined(said(TRAFFIC + "excludeOutboundIPRanges", settings.excludeOutboundBlocks())));
    options.put("--include-outbound-ports", joined(said(TRAFFIC + "includeOutboundPorts", "")));
    options.put("--exclude-outbound-ports", joined(said(TRAFFIC + "excludeOutboundPorts", "")));
    options.put("--exclude-interfaces", joined(said(TRAFFIC + "excludeInterfaces", "")));
    options.values().removeIf(String::isEmpty);
    // An empty list of what is included is not the same as none: nothing is captured.
    options.putIfAbsent("--include-inbound-ports", "none");
    options.putIfAbsent("--include-outbound-blocks", "none");
    return options;
  }

  private static String joined(String list) {
    return String.join(",", InjectionAnnotations.list(list));
  }
}
