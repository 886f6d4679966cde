package dev.meshctl.model.resource;

import java.util.List;

/** Gateway API {@code TLSRoute}: connections by the server name that their clients ask for. */
public record TlsRoute(
    Metadata metadata, List<ParentRef> parents, List<String> hostnames, List<ConnectionRule> rules)
    implements GatewayRoute {
  public TlsRoute {
    parents = List.copyOf(parents);
    hostnames = List.copyOf(hostnames);
    rules = List.copyOf(rules);
  }

  @Override
  public String kind() {
    return "TLSRoute";
  }

  @Override
  public List<String> ruleNames() {
    return rules.stream().map(ConnectionRule::name).toList();
  }

  @Override
  public List<NamedBackend> backends() {
    return ConnectionRule.backends(rules);
  }
}
