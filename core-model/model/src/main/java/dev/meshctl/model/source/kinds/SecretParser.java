package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.ConfigMap;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.Secret;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.tls.PrivateKeyPem;
import dev.meshctl.model.validation.DiagnosticCode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * Kubernetes {@code Secret}: certificates and keys only, under the names that gateways know; and
 * {@code ConfigMap}.
 */
final class SecretParser {
  private SecretParser() {}

  static Secret parse(Metadata metadata, YamlObject root) {
    root.ignore("immutable");
    Values values =
        new Values(
            root.object("stringData").map(YamlObject::concealed),
            root.object("data").map(YamlObject::concealed));
    boolean generic = values.has("cert") && values.has("key");
    String certificate = values.text(generic ? "cert" : "tls.crt");
    String key = values.text(generic ? "key" : "tls.key");
    return new Secret(
        // An annotation of kubectl repeats the whole Secret.
        new Metadata(metadata.namespace(), metadata.name(), metadata.labels(), Map.of()),
        root.text("type").orElse(Secret.OPAQUE),
        certificate,
        new PrivateKeyPem(key),
        values.text(values.has("cacert") ? "cacert" : "ca.crt"));
  }

  static ConfigMap configMap(Metadata metadata, YamlObject root) {
    root.ignore("immutable", "binaryData");
    return new ConfigMap(metadata, root.textMap("data"));
  }

  /** {@code stringData} goes before {@code data}, which is in Base64. */
  private record Values(Optional<YamlObject> plain, Optional<YamlObject> coded) {
    boolean has(String name) {
      return plain.map(p -> p.has(name)).orElse(false) || coded.map(c -> c.has(name)).orElse(false);
    }

    String text(String name) {
      return plain
          .flatMap(p -> p.text(name))
          .or(() -> coded.flatMap(c -> c.text(name).map(text -> decoded(c, name, text))))
          .orElse("");
    }

    private static String decoded(YamlObject from, String name, String text) {
      try {
        return new String(Base64.getMimeDecoder().decode(text), StandardCharsets.UTF_8);
      } catch (IllegalArgumentException malformed) {
        // Its message may hold a part of the text.
        from.report(
            DiagnosticCode.WRONG_TYPE,
            name,
            "is not Base64 (expected: Base64)",
            "encode it, or move it to stringData");
        return "";
      }
    }
  }
}
