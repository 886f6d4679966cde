package dev.meshctl.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;

/**
 * Checks bearer tokens (JWT, RFC 7519; ES256 only) against the issuer's public JWK. The key file is
 * read at each check: tokens are rare, and a restarted issuer has a new key.
 *
 * <p>Thread: any; blocks on the file.
 */
public final class TokenVerifier implements Tokens {
  /** Subject of tokens that admit to the query API. */
  public static final String OPERATOR = "operator";

  private final Path publicJwkFile;
  private final InstantSource clock;

  public TokenVerifier(Path publicJwkFile, InstantSource clock) {
    this.publicJwkFile = publicJwkFile;
    this.clock = clock;
  }

  /** What a token is for: one for certificates opens no queries, nor the reverse. */
  public enum Audience {
    CERTIFICATES("meshctl-ca"),
    QUERY("meshctl-query"),
    /** Asking, and giving bundles: of one's own mesh both are the operator's. */
    PUSH("meshctl-query");

    private final String claim;

    Audience(String claim) {
      this.claim = claim;
    }

    /** As it stands in tokens. */
    public String claim() {
      return claim;
    }
  }

  /** What the check found. */
  public sealed interface Verdict {
    record Accepted(String subject) implements Verdict {}

    /** {@code reason} may be shown to the caller: it holds nothing of the key or the token. */
    record Refused(String reason) implements Verdict {}
  }

  @Override
  public Verdict verify(String token, Audience audience) {
    ECKey key;
    try {
      key = ECKey.parse(Files.readString(publicJwkFile));
    } catch (IOException | ParseException unusable) {
      return new Verdict.Refused("the key that verifies tokens cannot be read: " + publicJwkFile);
    }
    try {
      SignedJWT jwt = SignedJWT.parse(token);
      // The key decides the algorithm, never the token.
      if (!JWSAlgorithm.ES256.equals(jwt.getHeader().getAlgorithm())) {
        return new Verdict.Refused("alg: " + jwt.getHeader().getAlgorithm() + " (expected: ES256)");
      }
      if (!jwt.verify(new ECDSAVerifier(key))) {
        return new Verdict.Refused("the signature is not of this mesh's issuer");
      }
      return claims(jwt.getJWTClaimsSet(), audience);
    } catch (ParseException | JOSEException malformed) {
      return new Verdict.Refused("not a signed JWT");
    }
  }

  private Verdict claims(JWTClaimsSet claims, Audience audience) {
    if (!claims.getAudience().contains(audience.claim())) {
      return new Verdict.Refused(
          "aud: " + claims.getAudience() + " (expected: " + audience.claim() + ")");
    }
    Instant now = clock.instant();
    Date expires = claims.getExpirationTime();
    if (expires == null || !now.isBefore(expires.toInstant())) {
      return new Verdict.Refused(
          "exp: " + (expires == null ? "absent" : expires.toInstant()) + " (now: " + now + ")");
    }
    Date notBefore = claims.getNotBeforeTime();
    if (notBefore != null && now.isBefore(notBefore.toInstant())) {
      return new Verdict.Refused("nbf: " + notBefore.toInstant() + " (now: " + now + ")");
    }
    String subject = claims.getSubject();
    return subject == null || subject.isEmpty()
        ? new Verdict.Refused("sub: absent")
        : new Verdict.Accepted(subject);
  }
}
