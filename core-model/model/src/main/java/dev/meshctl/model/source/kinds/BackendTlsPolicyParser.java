package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.BackendTlsPolicy;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.resource.ObjectRef;
import dev.meshctl.model.source.yaml.YamlObject;
import java.util.List;
import java.util.Optional;

/** Gateway API {@code BackendTLSPolicy}. */
final class BackendTlsPolicyParser {
  private BackendTlsPolicyParser() {}

  static BackendTlsPolicy parse(Metadata metadata, YamlObject root) {
    Optional<YamlObject> spec = root.requiredObject("spec");
    spec.ifPresent(s -> {
      s.notApplied("options");
      if (!s.has("targetRefs")) {
        s.missing("targetRefs");
      }
    });
    Optional<YamlObject> validation = spec.flatMap(s -> s.requiredObject("validation"));
    return new BackendTlsPolicy(
        metadata,
        spec.map(s ->
                s.objects("targetRefs").stream()
                    .map(target ->
                        new BackendTlsPolicy.Target(
                            RouteReferences.object(target, "Service", metadata),
                            target.text("sectionName").orElse("")))
                    .toList())
            .orElse(List.of()),
        validation
            .map(v ->
                v.objects("caCertificateRefs").stream()
                    .map(ref -> RouteReferences.object(ref, ObjectRef.CONFIG_MAP, metadata))
                    .toList())
            .orElse(List.of()),
        validation.flatMap(v -> v.text("wellKnownCACertificates")).isPresent(),
        validation.map(v -> v.requiredText("hostname")).orElse(""),
        validation
            .map(v ->
                v.objects("subjectAltNames").stream()
                    .map(BackendTlsPolicyParser::subjectAltName)
                    .toList())
            .orElse(List.of()));
  }

  private static String subjectAltName(YamlObject name) {
    boolean uri = name.requiredText("type").equals("URI");
    Optional<String> hostname = name.text("hostname");
    return uri ? name.text("uri").orElse("") : hostname.orElse("");
  }
}
