package dev.meshctl.model.validation;

import dev.meshctl.model.resource.ConfigMap;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ObjectRef;
import dev.meshctl.model.resource.Secret;
import dev.meshctl.model.tls.PemReader;
import dev.meshctl.model.tls.ServerCertificate;
import dev.meshctl.model.traffic.Grants;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Secrets as TLS uses them, by name.
 *
 * <p>Threads: any; immutable.
 */
public final class TlsSecrets {
  private final Map<String, Secret> byName = new HashMap<>();
  private final Map<String, ConfigMap> configMaps = new HashMap<>();

  private TlsSecrets(Collection<? extends MeshResource> resources) {
    for (MeshResource resource : resources) {
      if (resource instanceof Secret secret) {
        byName.put(key(secret.metadata().namespace(), secret.metadata().name()), secret);
      } else if (resource instanceof ConfigMap map) {
        configMaps.put(key(map.metadata().namespace(), map.metadata().name()), map);
      }
    }
  }

  /** Of resources that may not be validated yet. */
  public static TlsSecrets of(Collection<? extends MeshResource> resources) {
    return new TlsSecrets(resources);
  }

  private static String key(String namespace, String name) {
    return namespace + "/" + name;
  }

  public Optional<Secret> find(String namespace, String name) {
    return Optional.ofNullable(byName.get(key(namespace, name)));
  }

  /** Why a server cannot show what is in a Secret; empty where it can. Never tells a key. */
  public static Optional<String> problem(Secret secret) {
    boolean suits = secret.type().equals(Secret.TLS) || secret.type().equals(Secret.OPAQUE);
    if (!suits) {
      return Optional.of(
          "is of type "
              + secret.type()
              + " (expected: "
              + Secret.TLS
              + " or "
              + Secret.OPAQUE
              + ")");
    }
    if (secret.certificatePem().isBlank()) {
      return Optional.of("holds no certificate (expected: tls.crt, or cert)");
    }
    if (secret.key().isEmpty()) {
      return Optional.of("holds no private key (expected: tls.key, or key)");
    }
    try {
      ServerCertificate.read(secret.certificatePem(), secret.key());
      return Optional.empty();
    } catch (GeneralSecurityException unusable) {
      return Optional.of("cannot be used: " + unusable.getMessage());
    }
  }

  /** Whether a server can show what is in a Secret. */
  public static boolean isUsable(Secret secret) {
    return problem(secret).isEmpty();
  }

  /**
   * Who signs clients of an Istio Gateway's server: a Secret that is named for it, that of the
   * certificate, or the one beside it; empty where none has usable certificates.
   */
  public Optional<String> authorities(String namespace, String credential, String named) {
    List<String> candidates =
        named.isEmpty()
            ? List.of(credential, credential + Secret.AUTHORITIES_SUFFIX)
            : List.of(named);
    return candidates.stream()
        .flatMap(name -> find(namespace, name).stream())
        .map(Secret::authoritiesPem)
        .filter(TlsSecrets::isBundle)
        .findFirst();
  }

  /**
   * Certificates of authorities that the Gateway API names; empty where one of them is missing, not
   * permitted or unusable.
   */
  public Optional<String> authorities(MeshResource from, List<ObjectRef> refs, Grants grants) {
    StringBuilder bundle = new StringBuilder();
    for (ObjectRef ref : refs) {
      Optional<String> pem =
          grants.permit(from, ref)
              ? authorities(ref).filter(TlsSecrets::isBundle)
              : Optional.empty();
      if (pem.isEmpty()) {
        return Optional.empty();
      }
      bundle.append(pem.get().strip()).append('\n');
    }
    return Optional.of(bundle.toString());
  }

  private Optional<String> authorities(ObjectRef ref) {
    if (ref.isCore(ObjectRef.CONFIG_MAP)) {
      return Optional.ofNullable(configMaps.get(key(ref.namespace(), ref.name())))
          .map(ConfigMap::authoritiesPem);
    }
    return ref.isCore(ObjectRef.SECRET)
        ? find(ref.namespace(), ref.name()).map(Secret::authoritiesPem)
        : Optional.empty();
  }

  private static boolean isBundle(String pem) {
    try {
      return !PemReader.certificates(pem).isEmpty();
    } catch (CertificateException unreadable) {
      return false;
    }
  }
}
