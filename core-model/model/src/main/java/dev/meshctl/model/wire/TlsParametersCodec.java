package dev.meshctl.model.wire;

import dev.meshctl.model.tls.CipherSuites;
import dev.meshctl.model.xds.TlsParameters;
import dev.meshctl.model.xds.TlsParameters.Version;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * {@link TlsParameters} to and from {@code tls_params}. Ciphers there have OpenSSL's names; those
 * without forward secrecy or authenticated encryption are refused.
 */
final class TlsParametersCodec {
  private static final KnownFields FIELDS =
      KnownFields.of(
          io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters.getDescriptor(),
          "tls_minimum_protocol_version",
          "tls_maximum_protocol_version",
          "cipher_suites",
          "ecdh_curves");
  private static final Set<String> CURVES = Set.of("X25519", "P-256", "P-384", "P-521");

  private TlsParametersCodec() {}

  static io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters encode(
      TlsParameters parameters) {
    var message =
        io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters.newBuilder();
    if (parameters.least() != TlsParameters.DEFAULT.least()) {
      message.setTlsMinimumProtocolVersion(TlsProtocol.TLSv1_3);
    }
    if (parameters.most() != TlsParameters.DEFAULT.most()) {
      message.setTlsMaximumProtocolVersion(TlsProtocol.TLSv1_2);
    }
    parameters.ciphers().forEach(cipher -> message.addCipherSuites(CipherSuites.openSsl(cipher)));
    return message.addAllEcdhCurves(parameters.curves()).build();
  }

  static TlsParameters decode(
      Reading reading,
      String path,
      io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters message) {
    reading.expect(path, message, FIELDS);
    Version least =
        version(
            reading,
            path + ".tls_minimum_protocol_version",
            message.getTlsMinimumProtocolVersion(),
            TlsParameters.DEFAULT.least());
    Version most =
        version(
            reading,
            path + ".tls_maximum_protocol_version",
            message.getTlsMaximumProtocolVersion(),
            TlsParameters.DEFAULT.most());
    if (least.compareTo(most) > 0) {
      reading.refuse(
          path + ".tls_minimum_protocol_version", "above the maximum (expected: at most that)");
      least = most;
    }
    return new TlsParameters(
        least, most, ciphers(reading, path, message), curves(reading, path, message));
  }

  private static Version version(
      Reading reading, String path, TlsProtocol protocol, Version usual) {
    return switch (protocol) {
      case TLS_AUTO -> usual;
      case TLSv1_2 -> Version.TLS_1_2;
      case TLSv1_3 -> Version.TLS_1_3;
      case TLSv1_0, TLSv1_1, UNRECOGNIZED -> {
        reading.unsupported(path, protocol + " (expected: TLSv1_2 or TLSv1_3)");
        yield usual;
      }
    };
  }

  /** Groups of equal preference, {@code [A|B]}, count in the order of their members. */
  private static List<String> ciphers(
      Reading reading,
      String path,
      io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters message) {
    List<String> ciphers = new ArrayList<>();
    for (int i = 0; i < message.getCipherSuitesCount(); i++) {
      String group = message.getCipherSuites(i);
      boolean several = group.startsWith("[") && group.endsWith("]");
      String names = several ? group.substring(1, group.length() - 1) : group;
      for (String name : names.split("\\|", -1)) {
        if (CipherSuites.isSpoken(name)) {
          ciphers.add(CipherSuites.iana(name));
        } else {
          reading.unsupported(
              path + ".cipher_suites[" + i + "]",
              name + " (expected: " + CipherSuites.EXPECTED + ")");
        }
      }
    }
    return ciphers;
  }

  private static List<String> curves(
      Reading reading,
      String path,
      io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters message) {
    List<String> curves = new ArrayList<>();
    for (int i = 0; i < message.getEcdhCurvesCount(); i++) {
      String curve = message.getEcdhCurves(i);
      if (CURVES.contains(curve)) {
        curves.add(curve);
      } else {
        reading.unsupported(
            path + ".ecdh_curves[" + i + "]", curve + " (expected: X25519, P-256, P-384 or P-521)");
      }
    }
    return curves;
  }
}
