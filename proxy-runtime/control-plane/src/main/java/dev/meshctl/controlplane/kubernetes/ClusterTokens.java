package dev.meshctl.controlplane.kubernetes;

import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterReviews;
import dev.meshctl.cluster.Permission;
import dev.meshctl.cluster.TokenIdentity;
import dev.meshctl.cluster.patch.RuntimeKinds;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.identity.TokenVerifier;
import dev.meshctl.identity.TokenVerifier.Verdict;
import dev.meshctl.identity.Tokens;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Tokens as the cluster judges them.
 *
 * <p>For a first certificate: a service account's token for the audience {@code meshctl-ca}, bound
 * to a pod, which the API server knows to run. So a token that leaked from elsewhere, or outlived
 * its pod, gets none. To ask: any token that the cluster knows, of somebody who may {@code get}
 * {@code meshes.meshctl.dev} in the control plane's namespace; to give it a bundle, of somebody who
 * may {@code create} {@code runtimebundles.runtime.meshctl.dev} there.
 *
 * <p>Thread: any; blocking.
 */
public final class ClusterTokens implements Tokens {
  private static final Duration REMEMBERED = Duration.ofSeconds(10);
  private static final int MOST = 200;

  private final ClusterReviews reviews;
  private final String trustDomain;
  private final Permission toAsk;
  private final Permission toPush;
  private final InstantSource clock;
  private final Map<String, Remembered> remembered = new LinkedHashMap<>();

  private record Remembered(Verdict verdict, Instant until) {}

  /**
   * @param namespace of the control plane
   */
  public ClusterTokens(
      ClusterReviews reviews, String trustDomain, String namespace, InstantSource clock) {
    this.reviews = reviews;
    this.trustDomain = trustDomain;
    this.toAsk = Permission.OnResource.in(namespace, "get", "meshctl.dev", "meshes");
    this.toPush =
        Permission.OnResource.in(namespace, "create", RuntimeKinds.GROUP, RuntimeKinds.BUNDLES);
    this.clock = clock;
  }

  @Override
  public Verdict verify(String token, TokenVerifier.Audience audience) {
    try {
      return switch (audience) {
        case CERTIFICATES -> certificate(token, audience.claim());
        case QUERY -> query(token, audience.claim(), toAsk);
        case PUSH -> query(token, audience.claim(), toPush);
      };
    } catch (ClusterException silent) {
      return new Verdict.Refused("the cluster could not judge it: " + silent.getMessage());
    }
  }

  private Verdict certificate(String token, String audience) throws ClusterException {
    Optional<TokenIdentity> known = reviews.identify(token, audience);
    if (known.isEmpty()) {
      return new Verdict.Refused("the cluster does not accept it for audience " + audience);
    }
    TokenIdentity identity = known.get();
    Optional<TokenIdentity.ServiceAccount> account = identity.serviceAccount();
    if (account.isEmpty()) {
      return new Verdict.Refused(identity.username() + " is no service account");
    }
    if (identity.pod().isEmpty()) {
      return new Verdict.Refused(
          "it is bound to no pod (expected: a projected token of the pod that asks)");
    }
    return new Verdict.Accepted(
        new SpiffeId(trustDomain, account.get().namespace(), account.get().name()).toString());
  }

  /** A watch asks each second, so an answer holds for a while, and so does a right taken away. */
  private Verdict query(String token, String audience, Permission needed) throws ClusterException {
    String name = needed.verb() + " " + digest(token);
    Instant now = clock.instant();
    synchronized (remembered) {
      Remembered before = remembered.get(name);
      if (before != null && now.isBefore(before.until())) {
        return before.verdict();
      }
    }
    Verdict verdict = judge(token, audience, needed);
    synchronized (remembered) {
      remembered.values().removeIf(each -> !now.isBefore(each.until()));
      if (remembered.size() < MOST) {
        remembered.put(name, new Remembered(verdict, now.plus(REMEMBERED)));
      }
    }
    return verdict;
  }

  private Verdict judge(String token, String audience, Permission needed) throws ClusterException {
    Optional<TokenIdentity> known = reviews.identify(token, audience);
    if (known.isEmpty()) {
      known = reviews.identify(token, "");
    }
    if (known.isEmpty()) {
      return new Verdict.Refused("the cluster does not know it");
    }
    return reviews.may(known.get(), needed)
        ? new Verdict.Accepted(TokenVerifier.OPERATOR)
        : new Verdict.Refused(known.get().username() + " may not " + needed);
  }

  private static String digest(String token) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }
}
