package dev.meshctl.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.identity.TokenVerifier.Audience;
import dev.meshctl.identity.TokenVerifier.Verdict;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenTest {
  private static final SpiffeId REVIEWS = new SpiffeId("cluster.local", "default", "reviews");

  @TempDir Path folder;
  private final SettableClock clock = new SettableClock(Instant.parse("2026-11-23T12:00:00Z"));
  private final TokenIssuer issuer = TokenIssuer.create(clock);
  private TokenVerifier verifier;

  @BeforeEach
  void writeKey() throws Exception {
    issuer.writePublicKey(folder.resolve("key.jwk"));
    verifier = new TokenVerifier(folder.resolve("key.jwk"), clock);
  }

  @Test
  void a_workload_token_names_its_identity() {
    String token = issuer.workloadToken(REVIEWS, Duration.ofMinutes(5));

    assertThat(verifier.verify(token, Audience.CERTIFICATES))
        .isEqualTo(new Verdict.Accepted(REVIEWS.toString()));
  }

  @Test
  void a_token_opens_only_what_it_is_for() {
    String workload = issuer.workloadToken(REVIEWS, Duration.ofMinutes(5));
    String operator = issuer.operatorToken(Duration.ofMinutes(5));

    assertThat(verifier.verify(workload, Audience.QUERY)).isInstanceOf(Verdict.Refused.class);
    assertThat(verifier.verify(operator, Audience.CERTIFICATES))
        .isInstanceOf(Verdict.Refused.class);
    assertThat(verifier.verify(operator, Audience.QUERY))
        .isEqualTo(new Verdict.Accepted("operator"));
  }

  @Test
  void a_token_ends_at_its_expiry() {
    String token = issuer.operatorToken(Duration.ofMinutes(5));

    clock.advance(Duration.ofMinutes(5).minusSeconds(1));
    assertThat(verifier.verify(token, Audience.QUERY)).isInstanceOf(Verdict.Accepted.class);
    clock.advance(Duration.ofSeconds(1));
    assertThat(verifier.verify(token, Audience.QUERY))
        .isInstanceOfSatisfying(
            Verdict.Refused.class, r -> assertThat(r.reason()).startsWith("exp: "));
  }

  @Test
  void a_token_of_another_issuer_is_refused() {
    String forged = TokenIssuer.create(clock).operatorToken(Duration.ofMinutes(5));

    assertThat(verifier.verify(forged, Audience.QUERY))
        .isEqualTo(new Verdict.Refused("the signature is not of this mesh's issuer"));
  }

  @Test
  void a_token_cannot_choose_its_own_algorithm() {
    String[] parts = issuer.operatorToken(Duration.ofMinutes(5)).split("\\.");
    String unsigned = encode("{\"alg\":\"none\"}") + "." + parts[1] + ".";
    String symmetric = encode("{\"alg\":\"HS256\"}") + "." + parts[1] + "." + parts[2];

    assertThat(verifier.verify(unsigned, Audience.QUERY)).isInstanceOf(Verdict.Refused.class);
    assertThat(verifier.verify(symmetric, Audience.QUERY)).isInstanceOf(Verdict.Refused.class);
    assertThat(verifier.verify("nonsense", Audience.QUERY)).isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void a_changed_claim_is_refused() {
    String[] parts = issuer.workloadToken(REVIEWS, Duration.ofMinutes(5)).split("\\.");
    String claims =
        new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8)
            .replace("reviews", "ratings");
    String changed = parts[0] + "." + encode(claims) + "." + parts[2];

    assertThat(verifier.verify(changed, Audience.CERTIFICATES)).isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void a_restarted_issuer_is_believed_once_its_key_is_written() throws Exception {
    TokenIssuer restarted = TokenIssuer.create(clock);
    String token = restarted.operatorToken(Duration.ofMinutes(5));
    assertThat(verifier.verify(token, Audience.QUERY)).isInstanceOf(Verdict.Refused.class);

    restarted.writePublicKey(folder.resolve("key.jwk"));

    assertThat(verifier.verify(token, Audience.QUERY)).isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void no_private_key_is_written_and_tokens_are_the_owners_alone() throws Exception {
    assertThat(Files.readString(folder.resolve("key.jwk"))).doesNotContain("\"d\"");

    TokenIssuer.writeToken(folder.resolve("token"), issuer.operatorToken(Duration.ofMinutes(5)));
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("token"))))
        .isEqualTo("rw-------");
  }

  private static String encode(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }
}
