package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.MeshConfig;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.Sidecar;
import dev.meshctl.model.resource.Sidecar.OutboundTraffic;
import dev.meshctl.model.source.yaml.YamlObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Istio's MeshConfig, in the ConfigMap {@code istio} or in an IstioOperator. */
final class MeshConfigParser {
  /** The ConfigMap, and its key. */
  static final String NAME = "istio";

  static final String KEY = "mesh";

  private static final String DYNAMIC_DNS = "ALLOW_ANY_DYNAMIC_DNS";
  private static final Map<String, Boolean> UPGRADES =
      Map.of("DO_NOT_UPGRADE", false, "UPGRADE", true);
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
    "accessLogFile",
    "accessLogFormat",
    "accessLogEncoding",
    "enableEnvoyAccessLogService",
    "disableEnvoyListenerLog",
    "defaultConfig",
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
    "extensionProviders",
    "defaultProviders",
    "discoverySelectors",
    "pathNormalization",
    "meshMTLS",
    "tlsDefaults",
    "defaultTrafficPolicy",
    "serviceEntryVisibility"
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
        mesh.object("defaultHttpRetryPolicy").map(VirtualServiceParser::retries),
        mesh.object("localityLbSetting").map(LocalityLbReader::read),
        mesh.flag("enableAutoMtls").orElse(true),
        mesh.word("h2UpgradePolicy", UPGRADES).orElse(false));
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
