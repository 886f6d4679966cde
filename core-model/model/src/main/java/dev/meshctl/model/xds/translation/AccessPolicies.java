package dev.meshctl.model.xds.translation;

import com.google.re2j.Pattern;
import dev.meshctl.model.resource.AuthorizationPolicy;
import dev.meshctl.model.resource.AuthorizationPolicy.Action;
import dev.meshctl.model.resource.AuthorizationPolicy.Rule;
import dev.meshctl.model.resource.AuthorizationPolicy.Target;
import dev.meshctl.model.resource.AuthorizationPolicy.Tests;
import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.AccessControl;
import dev.meshctl.model.xds.AccessRules;
import dev.meshctl.model.xds.AccessRules.Condition;
import dev.meshctl.model.xds.AccessRules.Policy;
import dev.meshctl.model.xds.AccessRules.Which;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.FilterChain.Cidr;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.NetworkFilter.HttpFilter;
import dev.meshctl.model.xds.PolicyRule;
import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.ValueMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;

/**
 * AuthorizationPolicies of a workload as access rules: first what denies, then what allows.
 *
 * <p>What cannot be asked (of a connection: paths, methods, hosts, headers; anywhere: fields that
 * are not applied; values that are malformed, which reading refuses) never opens a door: an
 * allowing rule with it matches nothing, a denying rule matches without it. CUSTOM asks somebody
 * who is not there, so it denies.
 */
final class AccessPolicies {
  private static final String FILTER = "envoy.filters.http.rbac";
  private static final String SPIFFE = "spiffe://";
  private static final int MAX_PORT = 65_535;
  private static final java.util.regex.Pattern HEADER =
      java.util.regex.Pattern.compile("request\\.headers\\[(:?[A-Za-z0-9!#$%&'*+.^_`|~-]+)]");

  private final List<AuthorizationPolicy> policies;
  private final String rootNamespace;

  private AccessPolicies(List<AuthorizationPolicy> policies, String rootNamespace) {
    this.policies = List.copyOf(policies);
    this.rootNamespace = rootNamespace;
  }

  static AccessPolicies of(ValidatedMesh mesh) {
    return of(mesh.all(AuthorizationPolicy.class), mesh.rootNamespace());
  }

  static AccessPolicies of(List<AuthorizationPolicy> policies, String rootNamespace) {
    return new AccessPolicies(policies, rootNamespace);
  }

  /**
   * What policies are asked of.
   *
   * @param labels of the workload
   * @param attached what policies may be attached to, and this place is part of
   */
  record Place(String namespace, Map<String, String> labels, Set<Attached> attached) {
    Place {
      labels = Map.copyOf(labels);
      attached = Set.copyOf(attached);
    }
  }

  /** A Gateway or Service that a policy of its namespace can name. */
  record Attached(String namespace, Target target) {}

  /** For requests to a workload. */
  List<HttpFilter> http(Place place) {
    return controls(place, true).stream()
        .<HttpFilter>map(control -> new HttpFilter.Access(FILTER, control))
        .toList();
  }

  /** For connections to a workload. */
  List<AccessControl> tcp(Place place) {
    return controls(place, false);
  }

  /** {@code listener} of a workload with its rules before all else. */
  ListenerConfig guarded(ListenerConfig listener, Place place) {
    List<HttpFilter> http = http(place);
    List<AccessControl> tcp = tcp(place);
    if (http.isEmpty() && tcp.isEmpty()) {
      return listener;
    }
    return listener.mapChains(chain -> guarded(chain, http, tcp));
  }

  private static FilterChain guarded(
      FilterChain chain, List<HttpFilter> http, List<AccessControl> tcp) {
    return switch (chain.filter()) {
      case NetworkFilter.TcpProxy proxy -> chain.with(tcp, proxy);
      case NetworkFilter.HttpConnection manager ->
          chain.with(chain.access(), behind(http, manager));
    };
  }

  private static NetworkFilter.HttpConnection behind(
      List<HttpFilter> access, NetworkFilter.HttpConnection manager) {
    List<HttpFilter> filters = new ArrayList<>(access);
    filters.addAll(manager.filters());
    return manager.withFilters(filters);
  }

  /** Those that speak of a place. */
  List<AuthorizationPolicy> covering(Place place) {
    return policies.stream().filter(policy -> covers(policy, place)).toList();
  }

  private boolean covers(AuthorizationPolicy policy, Place place) {
    String of = policy.metadata().namespace();
    if (!policy.targets().isEmpty()) {
      return policy.targets().stream()
          .anyMatch(target -> place.attached().contains(new Attached(of, target)));
    }
    return (of.equals(place.namespace()) || of.equals(rootNamespace))
        && place.labels().entrySet().containsAll(policy.selector().entrySet());
  }

  private List<AccessControl> controls(Place place, boolean requests) {
    TreeMap<String, Policy> denying = new TreeMap<>();
    TreeMap<String, Policy> allowing = new TreeMap<>();
    boolean allows = false;
    for (AuthorizationPolicy policy : policies) {
      if (!covers(policy, place)) {
        continue;
      }
      switch (policy.action()) {
        case ALLOW -> {
          allows = true;
          add(policy, requests, allowing);
        }
        case DENY, CUSTOM -> add(policy, requests, denying);
        case AUDIT -> {}
      }
    }
    List<AccessControl> controls = new ArrayList<>();
    if (!denying.isEmpty()) {
      controls.add(AccessControl.enforcing(new AccessRules(AccessRules.Action.DENY, denying)));
    }
    if (allows) {
      controls.add(AccessControl.enforcing(new AccessRules(AccessRules.Action.ALLOW, allowing)));
    }
    return controls;
  }

  private static void add(AuthorizationPolicy policy, boolean requests, Map<String, Policy> to) {
    boolean deny = policy.action() != Action.ALLOW;
    for (int i = 0; i < policy.rules().size(); i++) {
      String name =
          new PolicyRule(policy.metadata().namespace(), policy.metadata().name(), i).name();
      new RuleTranslation(requests, deny)
          .translate(policy.rules().get(i))
          .ifPresent(translated -> to.put(name, translated));
    }
  }

  /** One rule on its way. */
  private static final class RuleTranslation {
    private final boolean requests;
    private final boolean deny;

    /** Something could not be asked. */
    private boolean incomplete;

    RuleTranslation(boolean requests, boolean deny) {
      this.requests = requests;
      this.deny = deny;
    }

    Optional<Policy> translate(Rule rule) {
      incomplete = rule.notApplied();
      List<Condition> permissions = new ArrayList<>();
      List<Condition> principals = new ArrayList<>();
      List<Condition> allPermissions = new ArrayList<>();
      List<Condition> allPrincipals = new ArrayList<>();
      for (AuthorizationPolicy.Condition when : rule.when()) {
        if (isOfDestination(when.key())) {
          field(when, allPermissions);
        } else {
          field(when, allPrincipals);
        }
      }
      for (Tests operation : rule.to()) {
        permissions.add(all(operation, allPermissions));
      }
      for (Tests source : rule.from()) {
        principals.add(all(source, allPrincipals));
      }
      if (permissions.isEmpty()) {
        permissions.add(all(new Tests(List.of()), allPermissions));
      }
      if (principals.isEmpty()) {
        principals.add(all(new Tests(List.of()), allPrincipals));
      }
      return incomplete && !deny
          ? Optional.empty()
          : Optional.of(new Policy(permissions, principals));
    }

    private Condition all(Tests tests, List<Condition> also) {
      List<Condition> conditions = new ArrayList<>();
      tests.fields().forEach(field -> field(field, conditions));
      conditions.addAll(also);
      return switch (conditions.size()) {
        case 0 -> new Condition.Always();
        case 1 -> conditions.getFirst();
        default -> new Condition.All(conditions);
      };
    }

    private static boolean isOfDestination(String key) {
      return key.startsWith("destination.") || key.equals("connection.sni");
    }

    private void field(AuthorizationPolicy.Condition field, List<Condition> to) {
      Optional<Test> test = test(field.key());
      if (test.isEmpty()) {
        incomplete = true;
        return;
      }
      if (!field.values().isEmpty()) {
        anyOf(field.values(), test.get()).ifPresent(to::add);
      }
      if (!field.notValues().isEmpty()) {
        anyOf(field.notValues(), test.get()).map(Condition.Not::new).ifPresent(to::add);
      }
    }

    /** Empty where a value is malformed: to leave out that one alone would deny less. */
    private Optional<Condition> anyOf(List<String> values, Test test) {
      List<Condition> conditions = values.stream().flatMap(v -> test.of(v).stream()).toList();
      if (conditions.size() < values.size()) {
        incomplete = true;
        return Optional.empty();
      }
      return Optional.of(
          conditions.size() == 1 ? conditions.getFirst() : new Condition.AnyOf(conditions));
    }

    /** A value as a condition; empty where it is malformed. */
    private interface Test {
      Optional<Condition> of(String value);

      static Optional<Test> always(Function<String, Condition> condition) {
        return Optional.of(value -> Optional.of(condition.apply(value)));
      }

      static Optional<Test> ofBlock(Function<Cidr, Condition> condition) {
        return Optional.of(value ->
            IpBlock.parse(value)
                .map(block -> condition.apply(new Cidr(block.address(), block.prefixLength()))));
      }
    }

    private Optional<Test> test(String key) {
      Matcher header = HEADER.matcher(key);
      if (header.matches()) {
        String name = header.group(1);
        return ofRequest(value -> new Condition.Header(new HeaderMatch(name, text(value), false)));
      }
      return switch (key) {
        case "principals", "source.principal" -> Test.always(RuleTranslation::principal);
        case "namespaces", "source.namespace" -> Test.always(RuleTranslation::namespace);
        case "ipBlocks", "source.ip" ->
            Test.ofBlock(block -> new Condition.SourceIp(Which.DIRECT, block));
        case "remoteIpBlocks", "remote.ip" ->
            Test.ofBlock(block -> new Condition.SourceIp(Which.REMOTE, block));
        case "destination.ip" -> Test.ofBlock(Condition.DestinationIp::new);
        case "ports", "destination.port" -> Optional.of(RuleTranslation::port);
        case "connection.sni" -> Test.always(value -> new Condition.ServerName(text(value)));
        case "hosts" ->
            ofRequest(value ->
                new Condition.Header(
                    new HeaderMatch(":authority", ignoringCase(text(value)), false)));
        case "methods" ->
            ofRequest(
                value -> new Condition.Header(new HeaderMatch(":method", text(value), false)));
        case "paths" -> ofRequest(RuleTranslation::path);
        default -> Optional.empty();
      };
    }

    private Optional<Test> ofRequest(Function<String, Condition> test) {
      return requests ? Test.always(test) : Optional.empty();
    }

    /** {@code {*}} is one element of a path, {@code {**}} any number. */
    private static Condition path(String value) {
      if (value.indexOf('{') < 0) {
        return new Condition.UrlPath(text(value));
      }
      String pattern =
          Pattern.quote(value).replace("\\{\\*\\*\\}", ".*").replace("\\{\\*\\}", "[^/]+");
      return new Condition.UrlPath(new ValueMatch.Regex(pattern));
    }

    private static Optional<Condition> port(String value) {
      int port = value.matches("\\d{1,5}") ? Integer.parseInt(value) : 0;
      return port > 0 && port <= MAX_PORT
          ? Optional.of(new Condition.DestinationPort(port, port + 1))
          : Optional.empty();
    }

    /** {@code td/ns/NAMESPACE/sa/ACCOUNT} with a star before, behind, or alone. */
    private static Condition principal(String value) {
      ValueMatch name;
      if (value.equals("*")) {
        name = new ValueMatch.Prefix(SPIFFE);
      } else if (value.startsWith("*")) {
        name = new ValueMatch.Suffix(value.substring(1));
      } else if (value.endsWith("*")) {
        name = new ValueMatch.Prefix(SPIFFE + value.substring(0, value.length() - 1));
      } else {
        name = new ValueMatch.Exact(SPIFFE + value);
      }
      return new Condition.Authenticated(Optional.of(name));
    }

    private static Condition namespace(String value) {
      String pattern = SPIFFE + "[^/]+/ns/" + Pattern.quote(value).replace("\\*", "[^/]*") + "/.*";
      return new Condition.Authenticated(Optional.of(new ValueMatch.Regex(pattern)));
    }

    /** Exact, or with a star before, behind, or alone. */
    private static ValueMatch text(String value) {
      if (value.equals("*")) {
        return new ValueMatch.Regex(".+");
      }
      if (value.startsWith("*")) {
        return new ValueMatch.Suffix(value.substring(1));
      }
      return value.endsWith("*")
          ? new ValueMatch.Prefix(value.substring(0, value.length() - 1))
          : new ValueMatch.Exact(value);
    }

    private static ValueMatch ignoringCase(ValueMatch text) {
      return text instanceof ValueMatch.Regex ? text : new ValueMatch.IgnoringCase(text);
    }
  }
}
