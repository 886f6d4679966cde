package dev.meshctl.model.xds;

import dev.meshctl.model.validation.ValidatedMesh;

/**
 * What a mesh means to each of its proxies. Pieces that several proxies share are computed once and
 * are the same object in every snapshot, so whoever serializes them can keep the bytes by identity.
 *
 * <p>Secrets are not among them: whoever serves a snapshot adds the trust bundle ({@link
 * SecretConfig#TRUST_BUNDLE}), which only it knows.
 *
 * <p>Threads: any.
 */
public final class MeshTranslation {
  private MeshTranslation() {}

  public static MeshTranslation of(ValidatedMesh mesh, MeshInventory inventory) {
    throw new UnsupportedOperationException();
  }

  /** The translation of what came after this one; what did not change stays the same object. */
  public MeshTranslation next(ValidatedMesh mesh, MeshInventory inventory) {
    throw new UnsupportedOperationException();
  }

  /** Everything that {@code node} is told. */
  public XdsSnapshot snapshotFor(ProxyNode node) {
    throw new UnsupportedOperationException();
  }
}
