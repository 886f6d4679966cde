package dev.meshctl.cluster;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whose token it is, as the cluster says.
 *
 * @param username {@code system:serviceaccount:NAMESPACE:NAME} for a service account
 * @param audiences those asked for that it is meant for
 * @param extra among it the pod that it was made for, if it was made for one
 */
public record TokenIdentity(
    String username,
    String uid,
    List<String> groups,
    List<String> audiences,
    Map<String, List<String>> extra) {
  private static final String SERVICE_ACCOUNT = "system:serviceaccount:";
  private static final String POD_NAME = "authentication.kubernetes.io/pod-name";
  private static final String POD_UID = "authentication.kubernetes.io/pod-uid";

  public TokenIdentity {
    groups = List.copyOf(groups);
    audiences = List.copyOf(audiences);
    extra = Map.copyOf(extra);
  }

  /** A service account of a namespace. */
  public record ServiceAccount(String namespace, String name) {}

  /** The pod that a token was made for, and that it dies with. */
  public record BoundPod(String name, String uid) {}

  /** Empty for people. */
  public Optional<ServiceAccount> serviceAccount() {
    if (!username.startsWith(SERVICE_ACCOUNT)) {
      return Optional.empty();
    }
    String[] parts = username.substring(SERVICE_ACCOUNT.length()).split(":", -1);
    return parts.length == 2 && !parts[0].isEmpty() && !parts[1].isEmpty()
        ? Optional.of(new ServiceAccount(parts[0], parts[1]))
        : Optional.empty();
  }

  /** Empty where the token is bound to no pod. */
  public Optional<BoundPod> pod() {
    List<String> names = extra.getOrDefault(POD_NAME, List.of());
    List<String> uids = extra.getOrDefault(POD_UID, List.of());
    return names.size() == 1 && uids.size() == 1
        ? Optional.of(new BoundPod(names.getFirst(), uids.getFirst()))
        : Optional.empty();
  }
}
