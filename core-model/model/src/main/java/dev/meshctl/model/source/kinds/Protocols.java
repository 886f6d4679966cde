package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.Transport;
import dev.meshctl.model.source.yaml.YamlObject;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How ports say what they speak (Istio protocol selection, KEP-1422 appProtocol). */
final class Protocols {
  private static final Map<String, AppProtocol> WORDS =
      Map.ofEntries(
          Map.entry("http", AppProtocol.HTTP),
          Map.entry("http2", AppProtocol.HTTP2),
          Map.entry("h2c", AppProtocol.HTTP2),
          Map.entry("kubernetes.io/h2c", AppProtocol.HTTP2),
          Map.entry("kubernetes.io/ws", AppProtocol.HTTP),
          Map.entry("kubernetes.io/wss", AppProtocol.HTTPS),
          Map.entry("grpc", AppProtocol.GRPC),
          Map.entry("grpc-web", AppProtocol.GRPC_WEB),
          Map.entry("https", AppProtocol.HTTPS),
          Map.entry("tls", AppProtocol.TLS),
          Map.entry("tcp", AppProtocol.TCP),
          Map.entry("mongo", AppProtocol.TCP),
          Map.entry("mysql", AppProtocol.TCP),
          Map.entry("redis", AppProtocol.TCP),
          Map.entry("udp", AppProtocol.UDP));

  private Protocols() {}

  private static final Map<String, Transport> TRANSPORTS =
      Map.of("TCP", Transport.TCP, "UDP", Transport.UDP, "SCTP", Transport.SCTP);

  /** {@code protocol} of a port of a Service or of its endpoints. */
  static Transport transport(YamlObject port) {
    return port.word("protocol", TRANSPORTS).orElse(Transport.TCP);
  }

  /** The protocol a word names, in any case. */
  static Optional<AppProtocol> word(String written) {
    return Optional.ofNullable(WORDS.get(written.toLowerCase(Locale.ROOT)));
  }

  /** {@code protocol: UDP} first, then {@code appProtocol}, then the name's prefix. */
  static AppProtocol ofServicePort(Transport transport, String appProtocol, String name) {
    if (transport == Transport.UDP) {
      return AppProtocol.UDP;
    }
    return word(appProtocol).or(() -> ofName(name)).orElse(AppProtocol.UNKNOWN);
  }

  /** {@code http}, {@code http-web}, {@code grpc-web-front}. */
  private static Optional<AppProtocol> ofName(String name) {
    if (name.equals("grpc-web") || name.startsWith("grpc-web-")) {
      return Optional.of(AppProtocol.GRPC_WEB);
    }
    int dash = name.indexOf('-');
    return word(dash < 0 ? name : name.substring(0, dash));
  }
}
