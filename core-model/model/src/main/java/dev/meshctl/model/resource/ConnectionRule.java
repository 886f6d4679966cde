package dev.meshctl.model.resource;

import java.util.ArrayList;
import java.util.List;

/** {@code rules[]} of a route of connections: where they go, by weight. */
public record ConnectionRule(String name, List<BackendRef> backends) {
  public ConnectionRule {
    backends = List.copyOf(backends);
  }

  static List<GatewayRoute.NamedBackend> backends(List<ConnectionRule> rules) {
    List<GatewayRoute.NamedBackend> all = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      all.addAll(BackendRef.named("spec.rules[" + i + "].backendRefs", rules.get(i).backends()));
    }
    return all;
  }
}
