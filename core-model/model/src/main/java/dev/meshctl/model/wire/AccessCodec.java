package dev.meshctl.model.wire;

import dev.meshctl.model.xds.AccessControl;
import dev.meshctl.model.xds.AccessRules;
import dev.meshctl.model.xds.AccessRules.Condition;
import dev.meshctl.model.xds.AccessRules.Policy;
import dev.meshctl.model.xds.AccessRules.Which;
import dev.meshctl.model.xds.FilterChain.Cidr;
import dev.meshctl.model.xds.route.ValueMatch;
import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.type.matcher.v3.PathMatcher;
import io.envoyproxy.envoy.type.v3.Int32Range;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * {@link AccessControl} to and from the RBAC filters, of requests and of connections. Metadata,
 * filter state, CEL and matcher trees are refused by name: a rule that is not understood must not
 * open a door.
 */
final class AccessCodec {
  private static final KnownFields HTTP_FILTER =
      KnownFields.of(
              io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC.getDescriptor(),
              "rules",
              "shadow_rules")
          .leavingAside("rules_stat_prefix", "shadow_rules_stat_prefix", "track_per_rule_stats");
  private static final KnownFields TCP_FILTER =
      KnownFields.of(
              io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC.getDescriptor(),
              "rules",
              "shadow_rules",
              "stat_prefix")
          .leavingAside("shadow_rules_stat_prefix", "enforcement_type", "delay_deny");
  private static final KnownFields RULES =
      KnownFields.of(RBAC.getDescriptor(), "action", "policies")
          .leavingAside("audit_logging_options");
  private static final KnownFields POLICY =
      KnownFields.of(
          io.envoyproxy.envoy.config.rbac.v3.Policy.getDescriptor(), "permissions", "principals");
  private static final KnownFields PERMISSION =
      KnownFields.of(
          Permission.getDescriptor(),
          "and_rules",
          "or_rules",
          "any",
          "header",
          "url_path",
          "destination_ip",
          "destination_port",
          "destination_port_range",
          "not_rule",
          "requested_server_name");
  private static final KnownFields PRINCIPAL =
      KnownFields.of(
          Principal.getDescriptor(),
          "and_ids",
          "or_ids",
          "any",
          "authenticated",
          "source_ip",
          "direct_remote_ip",
          "remote_ip",
          "header",
          "url_path",
          "not_id");

  /** What a condition is asked of: connections have no headers. */
  private enum Asked {
    REQUEST,
    CONNECTION
  }

  private AccessCodec() {}

  static io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC encodeHttp(
      AccessControl control) {
    var message = io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC.newBuilder();
    control.rules().ifPresent(rules -> message.setRules(encode(rules)));
    control.shadow().ifPresent(rules -> message.setShadowRules(encode(rules)));
    return message.build();
  }

  static io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC encodeTcp(
      AccessControl control) {
    var message =
        io.envoyproxy
            .envoy
            .extensions
            .filters
            .network
            .rbac
            .v3
            .RBAC
            .newBuilder()
            .setStatPrefix("rbac");
    control.rules().ifPresent(rules -> message.setRules(encode(rules)));
    control.shadow().ifPresent(rules -> message.setShadowRules(encode(rules)));
    return message.build();
  }

  private static RBAC encode(AccessRules rules) {
    RBAC.Builder message =
        RBAC.newBuilder()
            .setAction(
                switch (rules.action()) {
                  case ALLOW -> RBAC.Action.ALLOW;
                  case DENY -> RBAC.Action.DENY;
                  case LOG -> RBAC.Action.LOG;
                });
    rules
        .policies()
        .forEach((name, policy) -> {
          var encoded = io.envoyproxy.envoy.config.rbac.v3.Policy.newBuilder();
          policy.permissions().forEach(each -> encoded.addPermissions(permission(each)));
          policy.principals().forEach(each -> encoded.addPrincipals(principal(each)));
          message.putPolicies(name, encoded.build());
        });
    return message.build();
  }

  private static Permission permission(Condition condition) {
    Permission.Builder message = Permission.newBuilder();
    switch (condition) {
      case Condition.Always() -> message.setAny(true);
      case Condition.All(var of) -> {
        Permission.Set.Builder set = message.getAndRulesBuilder();
        of.forEach(each -> set.addRules(permission(each)));
      }
      case Condition.AnyOf(var of) -> {
        Permission.Set.Builder set = message.getOrRulesBuilder();
        of.forEach(each -> set.addRules(permission(each)));
      }
      case Condition.Not(var of) -> message.setNotRule(permission(of));
      case Condition.Header(var match) -> message.setHeader(ValueMatchCodec.encode(match));
      case Condition.UrlPath(var match) -> message.setUrlPath(path(match));
      case Condition.DestinationIp(var range) -> message.setDestinationIp(cidr(range));
      case Condition.DestinationPort(int first, int end) -> {
        if (end == first + 1) {
          message.setDestinationPort(first);
        } else {
          message.setDestinationPortRange(Int32Range.newBuilder().setStart(first).setEnd(end));
        }
      }
      case Condition.ServerName(var match) ->
          message.setRequestedServerName(ValueMatchCodec.encode(match));
      case Condition.Authenticated who -> throw misplaced(who, "permission");
      case Condition.SourceIp from -> throw misplaced(from, "permission");
    }
    return message.build();
  }

  private static Principal principal(Condition condition) {
    Principal.Builder message = Principal.newBuilder();
    switch (condition) {
      case Condition.Always() -> message.setAny(true);
      case Condition.All(var of) -> {
        Principal.Set.Builder set = message.getAndIdsBuilder();
        of.forEach(each -> set.addIds(principal(each)));
      }
      case Condition.AnyOf(var of) -> {
        Principal.Set.Builder set = message.getOrIdsBuilder();
        of.forEach(each -> set.addIds(principal(each)));
      }
      case Condition.Not(var of) -> message.setNotId(principal(of));
      case Condition.Header(var match) -> message.setHeader(ValueMatchCodec.encode(match));
      case Condition.UrlPath(var match) -> message.setUrlPath(path(match));
      case Condition.Authenticated(var name) -> {
        Principal.Authenticated.Builder who = message.getAuthenticatedBuilder();
        name.ifPresent(match -> who.setPrincipalName(ValueMatchCodec.encode(match)));
      }
      case Condition.SourceIp(var which, var range) -> {
        switch (which) {
          case CONNECTION -> message.setSourceIp(cidr(range));
          case DIRECT -> message.setDirectRemoteIp(cidr(range));
          case REMOTE -> message.setRemoteIp(cidr(range));
        }
      }
      case Condition.DestinationIp to -> throw misplaced(to, "principal");
      case Condition.DestinationPort to -> throw misplaced(to, "principal");
      case Condition.ServerName to -> throw misplaced(to, "principal");
    }
    return message.build();
  }

  private static IllegalArgumentException misplaced(Condition condition, String where) {
    return new IllegalArgumentException(condition + " is no " + where);
  }

  private static PathMatcher path(ValueMatch match) {
    return PathMatcher.newBuilder().setPath(ValueMatchCodec.encode(match)).build();
  }

  private static CidrRange cidr(Cidr range) {
    return CidrRange.newBuilder()
        .setAddressPrefix(range.address())
        .setPrefixLen(Packing.unsigned(range.prefixLength()))
        .build();
  }

  static AccessControl decode(
      Reading reading,
      String path,
      io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC message) {
    reading.expect(path, message, HTTP_FILTER);
    return new AccessControl(
        rules(reading, path + ".rules", message.hasRules(), message.getRules(), Asked.REQUEST),
        rules(
            reading,
            path + ".shadow_rules",
            message.hasShadowRules(),
            message.getShadowRules(),
            Asked.REQUEST));
  }

  static AccessControl decode(
      Reading reading,
      String path,
      io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC message) {
    reading.expect(path, message, TCP_FILTER);
    return new AccessControl(
        rules(reading, path + ".rules", message.hasRules(), message.getRules(), Asked.CONNECTION),
        rules(
            reading,
            path + ".shadow_rules",
            message.hasShadowRules(),
            message.getShadowRules(),
            Asked.CONNECTION));
  }

  private static Optional<AccessRules> rules(
      Reading reading, String path, boolean present, RBAC message, Asked asked) {
    if (!present) {
      return Optional.empty();
    }
    reading.expect(path, message, RULES);
    TreeMap<String, Policy> policies = new TreeMap<>();
    message
        .getPoliciesMap()
        .forEach((name, policy) -> {
          String at = path + ".policies[" + name + "]";
          reading.expect(at, policy, POLICY);
          expectSome(reading, at + ".permissions", policy.getPermissionsCount());
          expectSome(reading, at + ".principals", policy.getPrincipalsCount());
          policies.put(
              name,
              new Policy(
                  permissions(reading, at + ".permissions", policy.getPermissionsList(), asked),
                  principals(reading, at + ".principals", policy.getPrincipalsList(), asked)));
        });
    AccessRules.Action action =
        switch (message.getAction()) {
          case ALLOW -> AccessRules.Action.ALLOW;
          case DENY -> AccessRules.Action.DENY;
          case LOG -> AccessRules.Action.LOG;
          case UNRECOGNIZED -> {
            reading.refuse(path + ".action", "unknown value (expected: ALLOW, DENY or LOG)");
            yield AccessRules.Action.ALLOW;
          }
        };
    return Optional.of(new AccessRules(action, policies));
  }

  private static void expectSome(Reading reading, String path, int count) {
    if (count == 0) {
      reading.refuse(path, "none (expected: one or more)");
    }
  }

  private static List<Condition> permissions(
      Reading reading, String path, List<Permission> messages, Asked asked) {
    Condition[] conditions = new Condition[messages.size()];
    for (int i = 0; i < conditions.length; i++) {
      conditions[i] = permission(reading, path + "[" + i + "]", messages.get(i), asked);
    }
    return List.of(conditions);
  }

  private static List<Condition> principals(
      Reading reading, String path, List<Principal> messages, Asked asked) {
    Condition[] conditions = new Condition[messages.size()];
    for (int i = 0; i < conditions.length; i++) {
      conditions[i] = principal(reading, path + "[" + i + "]", messages.get(i), asked);
    }
    return List.of(conditions);
  }

  private static Condition permission(
      Reading reading, String path, Permission message, Asked asked) {
    reading.expect(path, message, PERMISSION);
    return switch (message.getRuleCase()) {
      case ANY -> new Condition.Always();
      case AND_RULES -> {
        expectSome(reading, path + ".and_rules", message.getAndRules().getRulesCount());
        yield new Condition.All(
            permissions(reading, path + ".and_rules", message.getAndRules().getRulesList(), asked));
      }
      case OR_RULES -> {
        expectSome(reading, path + ".or_rules", message.getOrRules().getRulesCount());
        yield new Condition.AnyOf(
            permissions(reading, path + ".or_rules", message.getOrRules().getRulesList(), asked));
      }
      case NOT_RULE ->
          new Condition.Not(permission(reading, path + ".not_rule", message.getNotRule(), asked));
      case HEADER -> {
        expectRequest(reading, path + ".header", asked);
        yield new Condition.Header(
            ValueMatchCodec.header(reading, path + ".header", message.getHeader()));
      }
      case URL_PATH -> {
        expectRequest(reading, path + ".url_path", asked);
        yield urlPath(reading, path, message.getUrlPath());
      }
      case DESTINATION_IP -> new Condition.DestinationIp(cidr(message.getDestinationIp()));
      case DESTINATION_PORT ->
          new Condition.DestinationPort(
              message.getDestinationPort(), message.getDestinationPort() + 1);
      case DESTINATION_PORT_RANGE ->
          new Condition.DestinationPort(
              message.getDestinationPortRange().getStart(),
              message.getDestinationPortRange().getEnd());
      case REQUESTED_SERVER_NAME ->
          new Condition.ServerName(
              ValueMatchCodec.decode(
                  reading, path + ".requested_server_name", message.getRequestedServerName()));
      // Refused by name above, save for a message that says nothing at all.
      case METADATA, MATCHER, URI_TEMPLATE, SOURCED_METADATA, RULE_NOT_SET -> {
        if (message.getRuleCase() == Permission.RuleCase.RULE_NOT_SET) {
          reading.refuse(path, "no rule (expected: one)");
        }
        yield new Condition.Always();
      }
    };
  }

  private static Condition principal(Reading reading, String path, Principal message, Asked asked) {
    reading.expect(path, message, PRINCIPAL);
    return switch (message.getIdentifierCase()) {
      case ANY -> new Condition.Always();
      case AND_IDS -> {
        expectSome(reading, path + ".and_ids", message.getAndIds().getIdsCount());
        yield new Condition.All(
            principals(reading, path + ".and_ids", message.getAndIds().getIdsList(), asked));
      }
      case OR_IDS -> {
        expectSome(reading, path + ".or_ids", message.getOrIds().getIdsCount());
        yield new Condition.AnyOf(
            principals(reading, path + ".or_ids", message.getOrIds().getIdsList(), asked));
      }
      case NOT_ID ->
          new Condition.Not(principal(reading, path + ".not_id", message.getNotId(), asked));
      case AUTHENTICATED ->
          new Condition.Authenticated(
              message.getAuthenticated().hasPrincipalName()
                  ? Optional.of(
                      ValueMatchCodec.decode(
                          reading,
                          path + ".authenticated.principal_name",
                          message.getAuthenticated().getPrincipalName()))
                  : Optional.empty());
      case SOURCE_IP -> new Condition.SourceIp(Which.CONNECTION, cidr(message.getSourceIp()));
      case DIRECT_REMOTE_IP ->
          new Condition.SourceIp(Which.DIRECT, cidr(message.getDirectRemoteIp()));
      case REMOTE_IP -> new Condition.SourceIp(Which.REMOTE, cidr(message.getRemoteIp()));
      case HEADER -> {
        expectRequest(reading, path + ".header", asked);
        yield new Condition.Header(
            ValueMatchCodec.header(reading, path + ".header", message.getHeader()));
      }
      case URL_PATH -> {
        expectRequest(reading, path + ".url_path", asked);
        yield urlPath(reading, path, message.getUrlPath());
      }
      case METADATA, FILTER_STATE, SOURCED_METADATA, CUSTOM, IDENTIFIER_NOT_SET -> {
        if (message.getIdentifierCase() == Principal.IdentifierCase.IDENTIFIER_NOT_SET) {
          reading.refuse(path, "no identifier (expected: one)");
        }
        yield new Condition.Always();
      }
    };
  }

  private static void expectRequest(Reading reading, String path, Asked asked) {
    if (asked == Asked.CONNECTION) {
      reading.refuse(path, "not known of a connection (expected: in the HTTP filter)");
    }
  }

  private static Condition urlPath(Reading reading, String path, PathMatcher message) {
    return new Condition.UrlPath(
        ValueMatchCodec.decode(reading, path + ".url_path.path", message.getPath()));
  }

  private static Cidr cidr(CidrRange message) {
    return new Cidr(message.getAddressPrefix(), Reading.unsigned(message.getPrefixLen()));
  }
}
