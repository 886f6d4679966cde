package dev.meshctl.identity;

/**
 * Judges bearer tokens.
 *
 * <p>Thread: any; may block.
 */
@FunctionalInterface
public interface Tokens {
  /** What an accepted token says: a SPIFFE id, or {@link TokenVerifier#OPERATOR}. */
  TokenVerifier.Verdict verify(String token, TokenVerifier.Audience audience);
}
