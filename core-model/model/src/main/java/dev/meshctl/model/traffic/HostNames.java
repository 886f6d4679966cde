package dev.meshctl.model.traffic;

import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/**
 * Host names as Istio and the Gateway API read them: short names, wildcards, intersections.
 *
 * <p>Threads: any.
 */
public final class HostNames {
  /** The suffix of every Kubernetes service name. */
  public static final String CLUSTER_DOMAIN = "cluster.local";

  /** Matches every host. */
  public static final String ANY = "*";

  /**
   * Most specific first: exact names, then wildcards from the longest suffix to the shortest, then
   * {@code *}; equal ones by name.
   */
  public static final Comparator<String> MOST_SPECIFIC_FIRST =
      Comparator.comparing(HostNames::isWildcard)
          .thenComparing(Comparator.comparingInt(String::length).reversed())
          .thenComparing(Comparator.naturalOrder());

  private HostNames() {}

  /** The full name of a Service: {@code reviews.shop.svc.cluster.local}. */
  public static String ofService(String namespace, String name) {
    return name + "." + namespace + ".svc." + CLUSTER_DOMAIN;
  }

  /**
   * A host as a resource in {@code namespace} means it: a name without a dot is a Service of that
   * namespace, everything else is taken as it is (Istio, {@code Destination.host}).
   */
  public static String resolve(String host, String namespace) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.contains(".") || lower.startsWith("*") || lower.isEmpty()
        ? lower
        : ofService(namespace, lower);
  }

  /** True for {@code *} and {@code *.example.com}. */
  public static boolean isWildcard(String host) {
    return host.startsWith("*");
  }

  /** Whether a pattern (exact, {@code *.suffix}, or {@code *}) takes in a host or a pattern. */
  public static boolean matches(String pattern, String host) {
    String wide = pattern.toLowerCase(Locale.ROOT);
    String narrow = host.toLowerCase(Locale.ROOT);
    if (wide.equals(narrow) || wide.equals(ANY)) {
      return true;
    }
    if (!isWildcard(wide)) {
      return false;
    }
    String suffix = wide.substring(1);
    return narrow.endsWith(suffix) && narrow.length() > suffix.length();
  }

  /**
   * The narrower of two patterns when one takes in the other, else empty. An empty pattern (a
   * Gateway API listener or route without host names) is any.
   */
  public static Optional<String> intersect(String first, String second) {
    String a = first.isEmpty() ? ANY : first.toLowerCase(Locale.ROOT);
    String b = second.isEmpty() ? ANY : second.toLowerCase(Locale.ROOT);
    if (matches(a, b)) {
      return Optional.of(b);
    }
    return matches(b, a) ? Optional.of(a) : Optional.empty();
  }
}
