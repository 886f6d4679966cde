package dev.meshctl.model.resource;

import dev.meshctl.model.tls.PrivateKeyPem;

/**
 * Kubernetes {@code v1/Secret}, as far as TLS needs it: other keys are never read. Annotations are
 * not kept, because {@code kubectl apply} repeats the whole Secret in one of them.
 *
 * @param type {@code kubernetes.io/tls}, {@code Opaque}, or another that TLS does not use
 * @param certificatePem of {@code tls.crt}, or {@code cert}; empty where there is none
 * @param key of {@code tls.key}, or {@code key}
 * @param authoritiesPem who may sign clients, of {@code ca.crt} or {@code cacert}; empty for none
 */
public record Secret(
    Metadata metadata, String type, String certificatePem, PrivateKeyPem key, String authoritiesPem)
    implements MeshResource {
  /** The type with {@code tls.crt} and {@code tls.key}. */
  public static final String TLS = "kubernetes.io/tls";

  /** The type where none is written. */
  public static final String OPAQUE = "Opaque";

  /** A Secret of this name with authorities goes with the one without the ending. */
  public static final String AUTHORITIES_SUFFIX = "-cacert";

  @Override
  public String kind() {
    return "Secret";
  }
}
