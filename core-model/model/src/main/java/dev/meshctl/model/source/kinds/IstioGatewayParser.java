package dev.meshctl.model.source.kinds;

import static dev.meshctl.model.source.kinds.Shared.MAX_PORT;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.IstioGateway;
import dev.meshctl.model.resource.IstioGateway.ServerTls;
import dev.meshctl.model.resource.IstioGateway.TlsMode;
import dev.meshctl.model.resource.IstioGateway.TlsVersion;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.tls.CipherSuites;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Istio {@code Gateway}. */
final class IstioGatewayParser {
  private static final Map<String, TlsMode> MODES = new LinkedHashMap<>();
  private static final Map<String, TlsVersion> VERSIONS = new LinkedHashMap<>();

  /** Older than what is spoken. */
  private static final Set<String> PAST_VERSIONS = Set.of("TLSV1_0", "TLSV1_1");

  static {
    for (TlsMode mode : TlsMode.values()) {
      MODES.put(mode.name(), mode);
    }
    for (TlsVersion version : TlsVersion.values()) {
      VERSIONS.put(version.name(), version);
    }
    PAST_VERSIONS.forEach(version -> VERSIONS.put(version, TlsVersion.TLS_AUTO));
  }

  private IstioGatewayParser() {}

  static IstioGateway parse(Metadata metadata, YamlObject root) {
    Optional<YamlObject> spec = root.requiredObject("spec");
    return new IstioGateway(
        metadata,
        spec.map(s -> s.textMap("selector")).orElse(Map.of()),
        spec.map(s -> s.objects("servers").stream().map(IstioGatewayParser::server).toList())
            .orElse(List.of()));
  }

  private static IstioGateway.Server server(YamlObject server) {
    server.notApplied("bind", "defaultEndpoint");
    if (!server.has("hosts")) {
      server.missing("hosts");
    }
    Optional<YamlObject> port = server.requiredObject("port");
    port.ifPresent(p -> p.notApplied("targetPort"));
    String portName = port.flatMap(p -> p.text("name")).orElse("");
    return new IstioGateway.Server(
        server.text("name").orElse(portName),
        port.map(p -> p.requiredNumber("number", 1, MAX_PORT)).orElse(0),
        port.map(IstioParser::protocol).orElse(AppProtocol.UNKNOWN),
        server.texts("hosts"),
        server.object("tls").map(IstioGatewayParser::tls));
  }

  private static ServerTls tls(YamlObject tls) {
    tls.notApplied(
        "serverCertificate",
        "privateKey",
        "caCertificates",
        "caCrl",
        "tlsCertificates",
        "verifyCertificateSpki",
        "verifyCertificateHash");
    TlsMode mode = tls.word("mode", MODES).orElse(TlsMode.PASSTHROUGH);
    if (mode == TlsMode.AUTO_PASSTHROUGH) {
      tls.valueNotApplied("mode", "'AUTO_PASSTHROUGH' is not applied: connections are closed");
    }
    List<String> credentials = tls.texts("credentialNames");
    if (credentials.size() > 1) {
      tls.valueNotApplied("credentialNames", "the first is applied, the others are not");
    }
    return new ServerTls(
        tls.flag("httpsRedirect").orElse(false),
        mode,
        tls.text("credentialName").or(() -> credentials.stream().findFirst()).orElse(""),
        tls.text("caCertCredentialName").orElse(""),
        tls.texts("subjectAltNames"),
        version(tls, "minProtocolVersion"),
        version(tls, "maxProtocolVersion"),
        ciphers(tls));
  }

  private static TlsVersion version(YamlObject tls, String key) {
    tls.text(key)
        .filter(PAST_VERSIONS::contains)
        .ifPresent(past ->
            tls.valueNotApplied(key, "'" + past + "' is not applied: 1.2 is the least spoken"));
    return tls.word(key, VERSIONS).orElse(TlsVersion.TLS_AUTO);
  }

  private static List<String> ciphers(YamlObject tls) {
    List<String> known = new ArrayList<>();
    List<String> written = tls.texts("cipherSuites");
    for (int i = 0; i < written.size(); i++) {
      if (CipherSuites.isSpoken(written.get(i))) {
        known.add(written.get(i));
      } else {
        tls.valueNotApplied(
            "cipherSuites[" + i + "]",
            "'" + written.get(i) + "' is not applied (expected: " + CipherSuites.EXPECTED + ")");
      }
    }
    return known;
  }
}
