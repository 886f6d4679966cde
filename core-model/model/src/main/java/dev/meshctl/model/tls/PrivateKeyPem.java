package dev.meshctl.model.tls;

import org.jspecify.annotations.Nullable;

/** The text of a private key, which no {@code toString} tells. */
public final class PrivateKeyPem {
  public static final PrivateKeyPem NONE = new PrivateKeyPem("");

  private final String pem;

  public PrivateKeyPem(String pem) {
    this.pem = pem;
  }

  /** The text itself: for TLS and the one wire that carries it, never for people. */
  public String reveal() {
    return pem;
  }

  public boolean isEmpty() {
    return pem.isBlank();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PrivateKeyPem that && that.pem.equals(pem);
  }

  @Override
  public int hashCode() {
    return pem.hashCode();
  }

  @Override
  public String toString() {
    return isEmpty() ? "[no key]" : "[private key]";
  }
}
