package dev.meshctl.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;

/**
 * Mints the tokens that admit a workload's first certificate request and an operator's queries. The
 * ES256 key is made here and stays in this process; others get its public half.
 *
 * <p>Thread: any.
 */
public final class TokenIssuer {
  private final InstantSource clock;
  private final ECKey key;

  private TokenIssuer(InstantSource clock, ECKey key) {
    this.clock = clock;
    this.key = key;
  }

  /** With a new key. */
  public static TokenIssuer create(InstantSource clock) {
    try {
      return new TokenIssuer(
          clock, new ECKeyGenerator(Curve.P_256).keyIDFromThumbprint(true).generate());
    } catch (JOSEException impossible) {
      throw new IllegalStateException("this JDK makes no P-256 keys", impossible);
    }
  }

  /** The public JWK (RFC 7517) that {@link TokenVerifier} reads. */
  public String publicJwk() {
    return key.toPublicJWK().toJSONString();
  }

  /** Writes {@link #publicJwk} atomically. */
  public void writePublicKey(Path file) throws IOException {
    PrivateFiles.write(file, publicJwk());
  }

  /** Proves to the certificate authority that the bearer is {@code identity}. */
  public String workloadToken(SpiffeId identity, Duration lifetime) {
    return mint(identity.toString(), TokenVerifier.Audience.CERTIFICATES, lifetime);
  }

  /** Admits to the query API. */
  public String operatorToken(Duration lifetime) {
    return mint(TokenVerifier.OPERATOR, TokenVerifier.Audience.QUERY, lifetime);
  }

  /** Writes a token where its bearer reads it, atomically and readable by the owner only. */
  public static void writeToken(Path file, String token) throws IOException {
    PrivateFiles.write(file, token);
  }

  private String mint(String subject, TokenVerifier.Audience audience, Duration lifetime) {
    Instant now = clock.instant();
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
            new JWTClaimsSet.Builder()
                .subject(subject)
                .audience(audience.claim())
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plus(lifetime)))
                .build());
    try {
      token.sign(new ECDSASigner(key));
    } catch (JOSEException impossible) {
      throw new IllegalStateException("a key of our own does not sign", impossible);
    }
    return token.serialize();
  }
}
