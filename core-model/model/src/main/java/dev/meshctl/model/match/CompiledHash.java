package dev.meshctl.model.match;

import dev.meshctl.model.xds.route.HashPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a request sticks to a host by: a route's hash policies, compiled.
 *
 * <p>Thread: any.
 */
public final class CompiledHash {
  public static final CompiledHash NONE = new CompiledHash(List.of());

  private final List<HashPolicy> policies;

  private CompiledHash(List<HashPolicy> policies) {
    this.policies = policies;
  }

  public static CompiledHash compile(List<HashPolicy> policies) {
    return policies.isEmpty() ? NONE : new CompiledHash(List.copyOf(policies));
  }

  /** What the request's surroundings give. */
  public interface Client {
    /** IP address of the client, without port. */
    String sourceIp();

    /** The response shall carry this {@code Set-Cookie}. */
    void setCookie(String value);
  }

  /** Nothing to hash: any host will do. */
  public boolean isEmpty() {
    return policies.isEmpty();
  }

  /** The hash; drawn from {@code dice} where no policy finds anything. */
  public long of(RequestView request, Client client, RandomGenerator dice) {
    boolean found = false;
    long hash = 0;
    for (HashPolicy policy : policies) {
      boolean own = true;
      long part = 0;
      switch (policy) {
        case HashPolicy.HeaderValue header -> {
          Bytes value = request.header(header.header());
          own = value != null;
          part = value == null ? 0 : XxHash.of(value);
        }
        case HashPolicy.SourceIp source -> part = XxHash.of(client.sourceIp(), 0);
        case HashPolicy.QueryParameter query -> {
          String value = parameter(request.path().toString(), query.parameter());
          own = value != null;
          part = value == null ? 0 : XxHash.of(value, 0);
        }
        case HashPolicy.Cookie cookie -> {
          String value = cookie(request, cookie.cookie());
          if (value == null && cookie.ttl().isPresent()) {
            value = "%016x".formatted(dice.nextLong());
            client.setCookie(setCookie(cookie, value));
          }
          own = value != null;
          part = value == null ? 0 : XxHash.of(value, 0);
        }
      }
      if (own) {
        // Turned by a bit, so that two equal parts do not cancel each other.
        hash = (found ? Long.rotateLeft(hash, 1) : 0) ^ part;
        found = true;
      }
      if (policy.terminal() && found) {
        break;
      }
    }
    return found ? hash : dice.nextLong();
  }

  private static String setCookie(HashPolicy.Cookie cookie, String value) {
    StringBuilder text = new StringBuilder(cookie.cookie()).append("=\"").append(value).append('"');
    Optional<Duration> ttl = cookie.ttl().filter(Duration::isPositive);
    ttl.ifPresent(time -> text.append("; Max-Age=").append(time.toSeconds()));
    if (!cookie.path().isEmpty()) {
      text.append("; Path=").append(cookie.path());
    }
    return text.append("; HttpOnly").toString();
  }

  private static @Nullable String cookie(RequestView request, String name) {
    Bytes header = request.header("cookie");
    if (header == null) {
      return null;
    }
    // HTTP/2 may bring each crumb as a field of its own, joined by a comma here.
    for (String crumb : header.toString().split("[;,]")) {
      int equals = crumb.indexOf('=');
      if (equals > 0 && crumb.substring(0, equals).strip().equals(name)) {
        String value = crumb.substring(equals + 1).strip();
        return value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")
            ? value.substring(1, value.length() - 1)
            : value;
      }
    }
    return null;
  }

  private static @Nullable String parameter(String path, String name) {
    int query = path.indexOf('?');
    if (query < 0) {
      return null;
    }
    int fragment = path.indexOf('#', query);
    String all = path.substring(query + 1, fragment < 0 ? path.length() : fragment);
    for (String pair : all.split("&")) {
      int equals = pair.indexOf('=');
      if ((equals < 0 ? pair : pair.substring(0, equals)).equals(name)) {
        return equals < 0 ? "" : pair.substring(equals + 1);
      }
    }
    return null;
  }
}
