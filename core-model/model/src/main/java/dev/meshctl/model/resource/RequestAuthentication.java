package dev.meshctl.model.resource;

import dev.meshctl.model.resource.AuthorizationPolicy.Target;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Istio {@code security.istio.io/RequestAuthentication}: whose tokens a workload takes. Read and
 * checked; nothing enforces it yet.
 *
 * @param selector labels of the workloads that are meant; empty is the whole namespace
 * @param targets in place of the selector where there are any
 */
public record RequestAuthentication(
    Metadata metadata, Map<String, String> selector, List<Target> targets, List<JwtRule> rules)
    implements MeshResource {
  public RequestAuthentication {
    selector = Map.copyOf(selector);
    targets = List.copyOf(targets);
    rules = List.copyOf(rules);
  }

  @Override
  public String kind() {
    return "RequestAuthentication";
  }

  /**
   * {@code jwtRules[]}: one issuer.
   *
   * @param jwksUri where its keys are fetched; empty with {@code jwks}, or asks the issuer
   * @param jwks its keys
   */
  public record JwtRule(
      String issuer,
      List<String> audiences,
      String jwksUri,
      String jwks,
      List<FromHeader> fromHeaders,
      List<String> fromParams,
      List<String> fromCookies,
      String outputPayloadToHeader,
      boolean forwardOriginalToken,
      List<ClaimToHeader> outputClaimToHeaders,
      Optional<Duration> timeout,
      List<String> spaceDelimitedClaims) {
    public JwtRule {
      audiences = List.copyOf(audiences);
      fromHeaders = List.copyOf(fromHeaders);
      fromParams = List.copyOf(fromParams);
      fromCookies = List.copyOf(fromCookies);
      outputClaimToHeaders = List.copyOf(outputClaimToHeaders);
      spaceDelimitedClaims = List.copyOf(spaceDelimitedClaims);
    }
  }

  /** {@code fromHeaders[]}: the token stands in the header after the prefix. */
  public record FromHeader(String name, String prefix) {}

  /** {@code outputClaimToHeaders[]}. */
  public record ClaimToHeader(String header, String claim) {}
}
