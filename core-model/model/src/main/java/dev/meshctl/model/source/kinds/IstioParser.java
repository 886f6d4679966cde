package dev.meshctl.model.source.kinds;

import static dev.meshctl.model.source.kinds.Shared.MAX_PORT;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.PeerAuthentication;
import dev.meshctl.model.resource.PeerAuthentication.Mode;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.DiagnosticCode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Istio's PeerAuthentication, and protocols as Istio writes them. */
final class IstioParser {
  private static final Map<String, Mode> MODES = new LinkedHashMap<>();

  static {
    for (Mode mode : Mode.values()) {
      MODES.put(mode.name(), mode);
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
