package dev.meshctl.app;

import dev.meshctl.bundle.TrustedKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The keys whose bundles count in a cluster, as an installation writes them: a JSON list, each the
 * base64 of an Ed25519 public key (SubjectPublicKeyInfo), as it stands between the first and last
 * line of its PEM. Read at each use, because the kubelet puts a new one in its place.
 *
 * <p>Thread: any.
 */
record KeyList(Path file) {

  /** None where there is no file. */
  List<TrustedKey> keys() throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    String[] written;
    try {
      written = JsonMapper.shared().readValue(Files.readString(file), String[].class);
    } catch (JacksonException unreadable) {
      throw new IOException(file + " is no JSON list of keys", unreadable);
    }
    List<TrustedKey> keys = new ArrayList<>();
    for (String each : written) {
      keys.add(
          TrustedKey.of("-----BEGIN PUBLIC KEY-----\n" + each + "\n-----END PUBLIC KEY-----\n"));
    }
    return keys;
  }

  /** One after the other, as sidecars read them; empty where there are none. */
  String pem() throws IOException {
    StringBuilder pem = new StringBuilder();
    keys().forEach(key -> pem.append(key.pem()));
    return pem.toString();
  }
}
