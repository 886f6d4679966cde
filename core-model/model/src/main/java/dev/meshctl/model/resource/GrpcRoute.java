package dev.meshctl.model.resource;

import java.util.List;
import java.util.Map;

/** Gateway API {@code GRPCRoute}. */
public record GrpcRoute(
    Metadata metadata, List<ParentRef> parents, List<String> hostnames, List<Rule> rules)
    implements MeshResource {
  public GrpcRoute {
    parents = List.copyOf(parents);
    hostnames = List.copyOf(hostnames);
    rules = List.copyOf(rules);
  }

  @Override
  public String kind() {
    return "GRPCRoute";
  }

  public record Rule(String name, List<Match> matches, List<BackendRef> backends) {
    public Rule {
      matches = List.copyOf(matches);
      backends = List.copyOf(backends);
    }
  }

  /** {@code matches[]}: empty service or method is any. */
  public record Match(String service, String method, Map<String, StringMatch> headers) {
    public Match {
      headers = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(headers));
    }
  }
}
