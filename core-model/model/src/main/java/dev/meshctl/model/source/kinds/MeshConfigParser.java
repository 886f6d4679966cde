package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.MeshConfig;
import dev.meshctl.model.resource.MeshConfig.AccessLogging;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.Sidecar;
import dev.meshctl.model.resource.Sidecar.OutboundTraffic;
import dev.meshctl.model.source.yaml.ResourceContext;
import dev.meshctl.model.source.yaml.YamlDocuments;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.DiagnosticCode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/** Istio's MeshConfig, in the ConfigMap {@code istio} or in an IstioOperator. */
final class MeshConfigParser {
  /** The ConfigMap, and its key. */
  static final String NAME = "istio";

  static final String KEY = "mesh";

  private static final String DYNAMIC_DNS = "ALLOW_ANY_DYNAMIC_DNS";
  private static final Map<String, Boolean> UPGRADES =
      Map.of("DO_NOT_UPGRADE", false, "UPGRADE", true);
  private static final Map<String, Boolean> ENCODINGS = Map.of("TEXT", false, "JSON", true);
  private static final Map<String, String> MODES =
      Map.of("REGISTRY_ONLY", "REGISTRY_ONLY", "ALLOW_ANY", "ALLOW_ANY", DYNAMIC_DNS, DYNAMIC_DNS);
  private static final String[] NOT_APPLIED = {
    "proxyListenPort",
    "proxyInboundListenPort",
    "proxyHttpPort",
    "hboneIdleTimeout",
    "protocolDetectionTimeout",
    "ingressClass",
    "ingressService",
    "ingressControllerMode",
    "ingressSelector",
    "enableTracing",
    "enableEnvoyAccessLogService",
    "disableEnvoyListenerLog",
    "inboundTrafficPolicy",
    "configSources",
    "trustDomainAliases",
    "caCertificates",
    "zoneAwareLbSetting",
    "dnsRefreshRate",
    "inboundClusterStatName",
    "outboundClusterStatName",
    "certificates",
    "serviceSettings",
    "serviceScopeConfigs",
    "enablePrometheusMerge",
    "verifyCertificateAtClient",
    "ca",
    "defaultProviders",
    "discoverySelectors",
    "pathNormalization",
    "meshMTLS",
    "tlsDefaults",
    "defaultTrafficPolicy",
    "serviceEntryVisibility"
  };

  /** Of {@code ProxyConfig}, as it stands in {@code defaultConfig}. */
  private static final String[] OF_PROXIES = {
    "availabilityZone",
    "binaryPath",
    "caCertificatesPem",
    "concurrency",
    "configPath",
    "controlPlaneAuthPolicy",
    "controlPlaneAddress",
    "customConfigFile",
    "discoveryAddress",
    "discoveryRefreshDelay",
    "drainDuration",
    "envoyAccessLogService",
    "envoyMetricsService",
    "envoyMetricsServiceAddress",
    "extraStatTags",
    "fileFlushInterval",
    "fileFlushMinSizeKb",
    "gatewayTopology",
    "holdApplicationUntilProxyStarts",
    "image",
    "interceptionMode",
    "meshId",
    "parentShutdownDuration",
    "privateKeyProvider",
    "proxyAdminPort",
    "proxyBootstrapTemplatePath",
    "proxyHeaders",
    "proxyMetadata",
    "proxyStatsMatcher",
    "readinessProbe",
    "runtimeValues",
    "sds",
    "serviceCluster",
    "statNameLength",
    "statsdUdpAddress",
    "statusPort",
    "stsPort",
    "terminationDrainDuration",
    "tracing",
    "tracingServiceName",
    "zipkinAddress"
  };

  /** Of {@code MeshConfig.ExtensionProvider}. */
  private static final String[] PROVIDERS = {
    "envoyExtAuthzHttp",
    "envoyExtAuthzGrpc",
    "zipkin",
    "lightstep",
    "datadog",
    "stackdriver",
    "opencensus",
    "skywalking",
    "opentelemetry",
    "prometheus",
    "envoyFileAccessLog",
    "envoyHttpAls",
    "envoyTcpAls",
    "envoyOtelAls",
    "sds"
  };

  private MeshConfigParser() {}

  /** The mesh of an IstioOperator; what it says of the installation is not ours. */
  static MeshConfig operator(Metadata metadata, YamlObject root) {
    Optional<YamlObject> spec = root.object("spec");
    spec.ifPresent(s ->
        s.ignore("profile", "hub", "tag", "revision", "namespace", "installPackagePath")
            .notApplied("components", "values", "addonComponents", "unvalidatedValues")
            .ignore("compatibilityVersion", "resourceSuffix"));
    return spec.flatMap(s -> s.object("meshConfig"))
        .map(mesh -> mesh(metadata, mesh))
        .orElseGet(() -> MeshConfig.empty(metadata));
  }

  static MeshConfig mesh(Metadata metadata, YamlObject mesh) {
    mesh.notApplied(NOT_APPLIED);
    mesh.object("defaultConfig").ifPresent(proxies -> proxies.notApplied(OF_PROXIES));
    mesh.objects("extensionProviders").forEach(MeshConfigParser::provider);
    return new MeshConfig(
        metadata,
        mesh.text("rootNamespace").orElse(""),
        mesh.text("trustDomain").orElse(""),
        mesh.object("outboundTrafficPolicy").map(MeshConfigParser::outbound),
        exportTo(mesh, "defaultServiceExportTo"),
        exportTo(mesh, "defaultVirtualServiceExportTo"),
        exportTo(mesh, "defaultDestinationRuleExportTo"),
        Durations.istio(mesh, "connectTimeout"),
        mesh.object("tcpKeepalive").map(DestinationRuleParser::keepalive),
        accessLog(mesh),
        mesh.object("defaultHttpRetryPolicy").map(VirtualServiceParser::retries),
        mesh.object("localityLbSetting").map(LocalityLbReader::read),
        mesh.flag("enableAutoMtls").orElse(true),
        mesh.word("h2UpgradePolicy", UPGRADES).orElse(false));
  }

  /** One that nothing speaks to; by its name, for that is how others refer to it. */
  private static void provider(YamlObject provider) {
    String name = provider.requiredText("name");
    List<String> kinds = Arrays.stream(PROVIDERS).filter(provider::has).toList();
    provider.ignore(PROVIDERS);
    if (kinds.size() == 1) {
      provider.valueNotApplied(
          kinds.getFirst(), "provider '" + name + "': nothing is sent there, and nobody asked");
    } else {
      provider.report(
          DiagnosticCode.UNKNOWN_VALUE,
          "name",
          "'%s' is %s (expected: one of %s)"
              .formatted(
                  name,
                  kinds.isEmpty() ? "of no kind that is known" : "several at once",
                  String.join(", ", PROVIDERS)));
    }
  }

  private static Optional<AccessLogging> accessLog(YamlObject mesh) {
    boolean json = mesh.word("accessLogEncoding", ENCODINGS).orElse(false);
    String format = mesh.text("accessLogFormat").orElse("");
    String file = mesh.text("accessLogFile").orElse("");
    return file.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new AccessLogging(
                file, json, json ? "" : format, json ? members(mesh, format) : Map.of()));
  }

  /** JSON is YAML, too. */
  private static Map<String, String> members(YamlObject mesh, String format) {
    Map<String, String> members = new LinkedHashMap<>();
    for (Node root : YamlDocuments.of("accessLogFormat", format).roots()) {
      if (root instanceof MappingNode object) {
        ResourceContext context = new ResourceContext("accessLogFormat");
        YamlObject written = context.root(object);
        for (String name : written.written()) {
          written.text(name).ifPresent(text -> members.put(name, text));
        }
        if (!context.finish("").isEmpty()) {
          mesh.valueNotApplied("accessLogFormat", "what is no text in it is left out");
        }
      } else {
        mesh.report(
            DiagnosticCode.UNKNOWN_VALUE,
            "accessLogFormat",
            "is no object (expected: JSON, as accessLogEncoding says)");
      }
    }
    return members;
  }

  private static List<String> exportTo(YamlObject mesh, String key) {
    List<String> written = mesh.texts(key);
    return written.isEmpty() ? List.of("*") : written;
  }

  private static OutboundTraffic outbound(YamlObject policy) {
    policy.notApplied("tls");
    String mode = policy.word("mode", MODES).orElse("REGISTRY_ONLY");
    if (mode.equals(DYNAMIC_DNS)) {
      policy.valueNotApplied("mode", "'" + DYNAMIC_DNS + "' is applied as ALLOW_ANY");
      mode = "ALLOW_ANY";
    }
    return new OutboundTraffic(Sidecar.Mode.valueOf(mode), Optional.empty());
  }
}
