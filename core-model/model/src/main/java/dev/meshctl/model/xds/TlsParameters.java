package dev.meshctl.model.xds;

import java.util.List;

/**
 * {@code TlsParameters}.
 *
 * @param ciphers of TLS 1.2 by their IANA names, in order of preference; empty for ours. Those of
 *     1.3 are fixed.
 * @param curves groups of the key exchange, in order of preference; empty for the library's
 */
public record TlsParameters(
    Version least, Version most, List<String> ciphers, List<String> curves) {
  public static final TlsParameters DEFAULT =
      new TlsParameters(Version.TLS_1_2, Version.TLS_1_3, List.of(), List.of());

  public TlsParameters {
    ciphers = List.copyOf(ciphers);
    curves = List.copyOf(curves);
  }

  /** What is spoken; older ones are not. */
  public enum Version {
    TLS_1_2,
    TLS_1_3
  }
}
