package dev.meshctl.model.resource;

import java.util.List;

/** Gateway API {@code TCPRoute}: connections of a listener. */
public record TcpRoute(Metadata metadata, List<ParentRef> parents, List<ConnectionRule> rules)
    implements GatewayRoute {
  public TcpRoute {
    parents = List.copyOf(parents);
    rules = List.copyOf(rules);
  }

  @Override
  public String kind() {
    return "TCPRoute";
  }

  @Override
  public List<String> hostnames() {
    return List.of();
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
