package dev.meshctl.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who somebody is, and what they may do, as the cluster judges.
 *
 * <p>Thread: any; blocking. Source: the APIs {@code authentication.k8s.io/v1} and {@code
 * authorization.k8s.io/v1}.
 */
public final class ClusterReviews {
  private static final String AUTHORIZATION = "authorization.k8s.io/v1";
  private static final String AUTHENTICATION = "authentication.k8s.io/v1";

  private final Rest rest;

  ClusterReviews(Rest rest) {
    this.rest = rest;
  }

  /** Whether this connection's user may. */
  public boolean mayI(Permission permission) throws ClusterException {
    ObjectNode review = review(AUTHORIZATION, "SelfSubjectAccessReview");
    wanted(review.putObject("spec"), permission);
    return allowed(
        rest.send(
            Rest.Call.post(
                "apis/" + AUTHORIZATION + "/selfsubjectaccessreviews",
                review,
                "ask whether one may " + permission)));
  }

  /** Whether somebody else may. */
  public boolean may(TokenIdentity who, Permission permission) throws ClusterException {
    ObjectNode review = review(AUTHORIZATION, "SubjectAccessReview");
    ObjectNode spec = review.putObject("spec");
    spec.put("user", who.username());
    spec.put("uid", who.uid());
    who.groups().forEach(spec.putArray("groups")::add);
    ObjectNode extra = spec.putObject("extra");
    who.extra().forEach((key, values) -> values.forEach(extra.putArray(key)::add));
    wanted(spec, permission);
    return allowed(
        rest.send(
            Rest.Call.post(
                "apis/" + AUTHORIZATION + "/subjectaccessreviews",
                review,
                "ask whether " + who.username() + " may " + permission)));
  }

  /**
   * Whose token this is.
   *
   * @param audience that it must have been made for; {@code ""} for the API server's own
   * @return empty where the cluster does not accept it, or not for this audience
   */
  public Optional<TokenIdentity> identify(String token, String audience) throws ClusterException {
    ObjectNode review = review(AUTHENTICATION, "TokenReview");
    ObjectNode spec = review.putObject("spec");
    spec.put("token", token);
    if (!audience.isEmpty()) {
      spec.putArray("audiences").add(audience);
    }
    JsonNode status =
        rest.send(
                Rest.Call.post(
                    "apis/" + AUTHENTICATION + "/tokenreviews", review, "review a token"))
            .path("status");
    List<String> audiences = strings(status.path("audiences"));
    // An authenticator that knows no audiences answers without any: such a token proves nothing.
    boolean meant = audience.isEmpty() || audiences.contains(audience);
    if (!status.path("authenticated").asBoolean(false) || !meant) {
      return Optional.empty();
    }
    JsonNode user = status.path("user");
    Map<String, List<String>> extra = new HashMap<>();
    user.path("extra").forEachEntry((key, values) -> extra.put(key, strings(values)));
    return Optional.of(
        new TokenIdentity(
            user.path("username").asString(""),
            user.path("uid").asString(""),
            strings(user.path("groups")),
            audiences,
            extra));
  }

  /**
   * A token of a service account, made for one audience.
   *
   * @param audience {@code ""} for the API server's own
   * @param lifetime the server gives ten minutes at least
   */
  public ServiceAccountToken token(
      String namespace, String serviceAccount, String audience, Duration lifetime)
      throws ClusterException {
    ObjectNode request = review(AUTHENTICATION, "TokenRequest");
    ObjectNode spec = request.putObject("spec");
    spec.put("expirationSeconds", lifetime.toSeconds());
    if (!audience.isEmpty()) {
      spec.putArray("audiences").add(audience);
    }
    JsonNode status =
        rest.send(
                Rest.Call.post(
                    "api/v1/namespaces/"
                        + namespace
                        + "/serviceaccounts/"
                        + serviceAccount
                        + "/token",
                    request,
                    "make a token of ServiceAccount " + namespace + "/" + serviceAccount))
            .path("status");
    return new ServiceAccountToken(
        status.path("token").asString(""),
        Instant.parse(status.path("expirationTimestamp").asString("")));
  }

  private static ObjectNode review(String apiVersion, String kind) {
    return JsonNodeFactory.instance.objectNode().put("apiVersion", apiVersion).put("kind", kind);
  }

  private static void wanted(ObjectNode spec, Permission permission) {
    switch (permission) {
      case Permission.OnResource on -> {
        int slash = on.resource().indexOf('/');
        ObjectNode attributes = spec.putObject("resourceAttributes");
        attributes.put("verb", on.verb());
        attributes.put("group", on.group());
        attributes.put("resource", slash < 0 ? on.resource() : on.resource().substring(0, slash));
        if (slash >= 0) {
          attributes.put("subresource", on.resource().substring(slash + 1));
        }
        on.namespace().ifPresent(value -> attributes.put("namespace", value));
        on.name().ifPresent(value -> attributes.put("name", value));
      }
      case Permission.OnPath on ->
          spec.putObject("nonResourceAttributes").put("verb", on.verb()).put("path", on.path());
    }
  }

  private static boolean allowed(ObjectNode answered) {
    return answered.path("status").path("allowed").asBoolean(false);
  }

  private static List<String> strings(JsonNode array) {
    List<String> strings = new ArrayList<>();
    array.forEach(value -> strings.add(value.asString("")));
    return strings;
  }
}
