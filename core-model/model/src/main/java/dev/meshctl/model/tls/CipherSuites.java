package dev.meshctl.model.tls;

import java.util.Set;

/**
 * Suites of TLS 1.2 that are spoken: those with forward secrecy and authenticated encryption. Users
 * write OpenSSL's names, TLS libraries take those of IANA.
 */
public final class CipherSuites {
  private static final Set<String> SPOKEN =
      Set.of(
          "ECDHE-ECDSA-AES128-GCM-SHA256",
          "ECDHE-RSA-AES128-GCM-SHA256",
          "ECDHE-ECDSA-AES256-GCM-SHA384",
          "ECDHE-RSA-AES256-GCM-SHA384",
          "ECDHE-ECDSA-CHACHA20-POLY1305",
          "ECDHE-RSA-CHACHA20-POLY1305");

  /** What is expected in place of others. */
  public static final String EXPECTED = "ECDHE with ECDSA or RSA, and AES-GCM or ChaCha20";

  private CipherSuites() {}

  /** Whether a suite is spoken, by its OpenSSL name. */
  public static boolean isSpoken(String openSsl) {
    return SPOKEN.contains(openSsl);
  }

  /** {@code ECDHE-RSA-AES128-GCM-SHA256} is {@code TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}. */
  public static String iana(String openSsl) {
    String[] words = openSsl.split("-");
    String rest =
        words[2].equals("CHACHA20")
            ? "CHACHA20_POLY1305_SHA256"
            : "AES_" + words[2].substring("AES".length()) + "_GCM_" + words[4];
    return "TLS_ECDHE_" + words[1] + "_WITH_" + rest;
  }

  /** The reverse of {@link #iana}. */
  public static String openSsl(String iana) {
    String[] words = iana.split("_");
    return "ECDHE-"
        + words[2]
        + (words[4].equals("CHACHA20")
            ? "-CHACHA20-POLY1305"
            : "-AES" + words[5] + "-GCM-" + words[7]);
  }
}
