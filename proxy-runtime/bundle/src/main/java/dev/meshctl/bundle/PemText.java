package dev.meshctl.bundle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** One block of RFC 7468. */
final class PemText {
  private PemText() {}

  static String write(String label, byte[] der) {
    String body =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
  }

  /**
   * @throws IOException where there is no such block
   */
  static byte[] read(String label, String text) throws IOException {
    String begin = "-----BEGIN " + label + "-----";
    int from = text.indexOf(begin);
    int to = text.indexOf("-----END " + label + "-----");
    if (from < 0 || to < from) {
      throw new IOException("no " + label + " block in the PEM text");
    }
    try {
      return Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to));
    } catch (IllegalArgumentException notBase64) {
      throw new IOException("the " + label + " block is not Base64", notBase64);
    }
  }
}
