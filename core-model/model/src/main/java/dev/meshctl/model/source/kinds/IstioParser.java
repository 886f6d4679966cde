package dev.meshctl.model.source.kinds;

import static dev.meshctl.model.source.kinds.Shared.MAX_PORT;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.PeerAuthentication;
import dev.meshctl.model.resource.PeerAuthentication.Mode;
import dev.meshctl.model.resource.ServiceEntry;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.DiagnosticCode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Istio's ServiceEntry and PeerAuthentication. */
final class IstioParser {
  private static final Map<String, Mode> MODES = new LinkedHashMap<>();
  private static final Map<String, ServiceEntry.Resolution> RESOLUTIONS = new LinkedHashMap<>();
  private static final Map<String, ServiceEntry.Location> LOCATIONS = new LinkedHashMap<>();

  static {
    for (Mode mode : Mode.values()) {
      MODES.put(mode.name(), mode);
    }
    for (ServiceEntry.Resolution resolution : ServiceEntry.Resolution.values()) {
      RESOLUTIONS.put(resolution.name(), resolution);
    }
    RESOLUTIONS.put("DNS_ROUND_ROBIN", ServiceEntry.Resolution.DNS);
    for (ServiceEntry.Location location : ServiceEntry.Location.values()) {
      LOCATIONS.put(location.name(), location);
    }
  }

  private IstioParser() {}

  /**
   * Istio writes protocols in capitals; {@code MONGO} and the like are TCP.
   *
   * @param more words that may stand there too, and are taken for HTTP
   */
  static AppProtocol protocol(YamlObject port, String... more) {
    Optional<String> written = port.text("protocol");
    if (!port.has("protocol")) {
      port.missing("protocol");
    }
    return written
        .map(word ->
            Protocols.word(word)
                .or(() ->
                    List.of(more).contains(word) ? Optional.of(AppProtocol.HTTP) : Optional.empty())
                .orElseGet(() -> {
                  port.report(
                      DiagnosticCode.UNKNOWN_VALUE,
                      "protocol",
                      "'" + word + "' (expected: HTTP, HTTP2, GRPC, HTTPS, TLS, TCP)");
                  return AppProtocol.UNKNOWN;
                }))
        .orElse(AppProtocol.UNKNOWN);
  }

  static ServiceEntry serviceEntry(Metadata metadata, YamlObject root) {
    Optional<YamlObject> written = root.requiredObject("spec");
    if (written.isEmpty()) {
      return new ServiceEntry(
          metadata,
          List.of(),
          List.of(),
          ServiceEntry.Resolution.NONE,
          ServiceEntry.Location.MESH_EXTERNAL,
          List.of(),
          List.of());
    }
    YamlObject spec = written.get();
    spec.notApplied("addresses", "workloadSelector", "subjectAltNames");
    if (!spec.has("hosts")) {
      spec.missing("hosts");
    }
    return new ServiceEntry(
        metadata,
        Names.checkedHosts(spec, "hosts"),
        spec.objects("ports").stream().map(IstioParser::entryPort).toList(),
        spec.word("resolution", RESOLUTIONS).orElse(ServiceEntry.Resolution.NONE),
        spec.word("location", LOCATIONS).orElse(ServiceEntry.Location.MESH_EXTERNAL),
        spec.objects("endpoints").stream().map(IstioParser::endpoint).toList(),
        spec.texts("exportTo"));
  }

  private static ServiceEntry.Port entryPort(YamlObject port) {
    String name = port.requiredText("name");
    AppProtocol protocol =
        port.has("protocol") ? protocol(port) : Protocols.ofServicePort("", "", name);
    port.ignore("protocol");
    return new ServiceEntry.Port(
        name,
        port.requiredNumber("number", 1, MAX_PORT),
        port.number("targetPort", 0, MAX_PORT).orElse(0),
        protocol);
  }

  private static ServiceEntry.Endpoint endpoint(YamlObject endpoint) {
    endpoint.notApplied("network", "locality", "weight", "serviceAccount");
    Map<String, Integer> ports = new LinkedHashMap<>();
    endpoint
        .object("ports")
        .ifPresent(named -> {
          for (String name : named.written()) {
            named.number(name, 1, MAX_PORT).ifPresent(number -> ports.put(name, number));
          }
        });
    return new ServiceEntry.Endpoint(
        endpoint.requiredText("address"), ports, endpoint.textMap("labels"));
  }

  static PeerAuthentication peerAuthentication(Metadata metadata, YamlObject root) {
    Optional<YamlObject> spec = root.object("spec");
    Map<Integer, Mode> ports = new LinkedHashMap<>();
    spec.ifPresent(s -> portModes(s, ports));
    return new PeerAuthentication(
        metadata,
        spec.map(s -> Shared.matchLabels(s, "selector")).orElse(Map.of()),
        spec.flatMap(s -> s.object("mtls")).map(IstioParser::mode).orElse(Mode.UNSET),
        ports);
  }

  private static void portModes(YamlObject spec, Map<Integer, Mode> ports) {
    spec.objectMap("portLevelMtls")
        .forEach((written, mtls) -> {
          if (written.matches("[1-9]\\d{0,4}") && Integer.parseInt(written) <= MAX_PORT) {
            ports.put(Integer.parseInt(written), mode(mtls));
          } else {
            spec.report(
                DiagnosticCode.OUT_OF_RANGE,
                "portLevelMtls",
                "port '" + written + "' (expected: 1 to " + MAX_PORT + ")");
          }
        });
  }

  private static Mode mode(YamlObject mtls) {
    return mtls.word("mode", MODES).orElse(Mode.UNSET);
  }
}
