package dev.meshctl.model.xds;

import dev.meshctl.model.xds.FilterChain.Cidr;
import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.ValueMatch;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * {@code envoy.config.rbac.v3.RBAC}: what may be done by whom.
 *
 * @param policies by name, tried in the order of their names; with {@link Action#ALLOW} and none of
 *     them nothing is allowed
 */
public record AccessRules(Action action, Map<String, Policy> policies) {
  public AccessRules {
    policies = Collections.unmodifiableMap(new TreeMap<>(policies));
  }

  /** What a policy that matches does. */
  public enum Action {
    ALLOW,
    DENY,
    /** Nothing is refused. */
    LOG
  }

  /** Matches where any of the permissions and any of the principals does. */
  public record Policy(List<Condition> permissions, List<Condition> principals) {
    public Policy {
      permissions = List.copyOf(permissions);
      principals = List.copyOf(principals);
    }
  }

  /**
   * {@code Permission} and {@code Principal}. Destination and server name are permissions only;
   * client and source are principals only.
   */
  public sealed interface Condition {
    record Always() implements Condition {}

    record All(List<Condition> of) implements Condition {
      public All {
        of = List.copyOf(of);
      }
    }

    record AnyOf(List<Condition> of) implements Condition {
      public AnyOf {
        of = List.copyOf(of);
      }
    }

    record Not(Condition of) implements Condition {}

    /** Of a request; connections as such have none. */
    record Header(HeaderMatch match) implements Condition {}

    /** The path without query and fragment. */
    record UrlPath(ValueMatch match) implements Condition {}

    /** Where the connection was meant to go. */
    record DestinationIp(Cidr range) implements Condition {}

    /** From {@code first} to before {@code end}. */
    record DestinationPort(int first, int end) implements Condition {}

    /** SNI; no name is the empty one. */
    record ServerName(ValueMatch match) implements Condition {}

    /** The client of TLS, by a name in its certificate where {@code name} is present. */
    record Authenticated(Optional<ValueMatch> name) implements Condition {}

    record SourceIp(Which which, Cidr range) implements Condition {}
  }

  /** Whose address a source address is. */
  public enum Which {
    /** {@code source_ip}: of the connection. */
    CONNECTION,
    /** {@code direct_remote_ip}: of the connection, whatever a proxy said of it. */
    DIRECT,
    /** {@code remote_ip}: of the client that {@code x-forwarded-for} tells of, if it does. */
    REMOTE
  }
}
