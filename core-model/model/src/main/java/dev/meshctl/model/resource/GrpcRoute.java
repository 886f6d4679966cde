package dev.meshctl.model.resource;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Gateway API {@code GRPCRoute}. */
public record GrpcRoute(
    Metadata metadata, List<ParentRef> parents, List<String> hostnames, List<Rule> rules)
    implements GatewayRoute {
  public GrpcRoute {
    parents = List.copyOf(parents);
    hostnames = List.copyOf(hostnames);
    rules = List.copyOf(rules);
  }

  @Override
  public String kind() {
    return "GRPCRoute";
  }

  @Override
  public List<String> ruleNames() {
    return rules.stream().map(Rule::name).toList();
  }

  @Override
  public List<NamedFilter> unknownFilters() {
    List<NamedFilter> all = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      all.addAll(HttpRoute.unknown("spec.rules[" + i + "]", rules.get(i).filters()));
    }
    return all;
  }

  @Override
  public List<NamedBackend> backends() {
    List<NamedBackend> all = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      String rule = "spec.rules[" + i + "]";
      all.addAll(BackendRef.named(rule + ".backendRefs", rules.get(i).backends()));
      all.addAll(HttpRoute.mirrors(rule, rules.get(i).filters()));
    }
    return all;
  }

  /** {@code rules[]}: of filters, those that change headers and mirror. */
  public record Rule(
      String name, List<Match> matches, List<HttpRoute.Filter> filters, List<BackendRef> backends) {
    public Rule {
      matches = List.copyOf(matches);
      filters = List.copyOf(filters);
      backends = List.copyOf(backends);
    }
  }

  /**
   * {@code matches[]}: empty service or method is any.
   *
   * @param regex both are RE2
   */
  public record Match(
      String service, String method, boolean regex, Map<String, StringMatch> headers) {
    public Match {
      headers = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(headers));
    }
  }
}
