package dev.meshctl.model.explain;

import dev.meshctl.model.explain.Explanation.Policy;
import dev.meshctl.model.match.CompiledAccess;
import dev.meshctl.model.match.ConnectionFacts;
import dev.meshctl.model.match.RequestView;
import dev.meshctl.model.xds.AccessControl;
import dev.meshctl.model.xds.AccessRules;
import dev.meshctl.model.xds.AccessRules.Condition;
import dev.meshctl.model.xds.WorkloadInstance;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the sidecar of a replica does with a connection of the mesh: lets it in, and asks policies.
 */
final class Servers {
  private final Scene scene;

  Servers(Scene scene) {
    this.scene = scene;
  }

  /** What it comes to. */
  sealed interface Admission {
    /** No chain of its listener takes such a connection. */
    record NoChain(String reason) implements Admission {}

    /**
     * Policies were asked.
     *
     * @param headers that they ask for
     * @param denied by the last of them
     */
    record Asked(List<Policy> policies, List<String> headers, boolean denied) implements Admission {
      public Asked {
        policies = List.copyOf(policies);
        headers = List.copyOf(headers);
      }
    }
  }

  /**
   * @param request as the upstream gets it; null for a connection as such
   * @param secure the client proves its identity
   */
  Admission admit(
      WorkloadInstance server,
      int port,
      Delivery.Caller caller,
      boolean secure,
      @Nullable RequestView request) {
    Optional<InboundChain> chain =
        InboundChain.find(scene.translation().snapshotFor(Scene.sidecar(server)), port, secure);
    if (chain.isEmpty()) {
      return new Admission.NoChain(
          secure
              ? "its port takes no TLS of the mesh"
              : "its port takes mutual TLS only, and this connection is in the clear");
    }
    ConnectionFacts facts =
        new ConnectionFacts(
            Scene.socket(server.address(), port),
            Scene.socket(caller.address(), 0),
            secure,
            "",
            secure ? List.of(caller.identity()) : List.of());
    return ask(chain.get().controls(), facts, request);
  }

  /** Asks each, until one denies. */
  static Admission.Asked ask(
      List<AccessControl> controls, ConnectionFacts facts, @Nullable RequestView request) {
    List<Policy> asked = new ArrayList<>();
    Set<String> headers = new TreeSet<>();
    for (AccessControl control : controls) {
      control.rules().ifPresent(rules -> headers.addAll(headers(rules)));
      if (ask(control, facts, request, asked)) {
        return new Admission.Asked(asked, List.copyOf(headers), true);
      }
    }
    return new Admission.Asked(asked, List.copyOf(headers), false);
  }

  private static Set<String> headers(AccessRules rules) {
    Set<String> names = new TreeSet<>();
    for (AccessRules.Policy policy : rules.policies().values()) {
      policy.permissions().forEach(condition -> headers(condition, names));
      policy.principals().forEach(condition -> headers(condition, names));
    }
    return names;
  }

  private static void headers(Condition condition, Set<String> names) {
    switch (condition) {
      case Condition.Header(var match) -> names.add(match.name());
      case Condition.All(var all) -> all.forEach(each -> headers(each, names));
      case Condition.AnyOf(var any) -> any.forEach(each -> headers(each, names));
      case Condition.Not(var not) -> headers(not, names);
      case Condition.Always _,
          Condition.UrlPath _,
          Condition.DestinationIp _,
          Condition.DestinationPort _,
          Condition.ServerName _,
          Condition.Authenticated _,
          Condition.SourceIp _ -> {}
    }
  }

  private static boolean ask(
      AccessControl control,
      ConnectionFacts facts,
      @Nullable RequestView request,
      List<Policy> asked) {
    if (control.rules().isEmpty()) {
      return false;
    }
    String action = control.rules().get().action().name();
    String names = String.join(", ", control.rules().get().policies().keySet());
    return switch (CompiledAccess.compile(control).decide(request, facts)) {
      case CompiledAccess.Decision.Allowed() -> {
        asked.add(
            new Policy(
                action,
                names,
                action.equals("ALLOW") ? "one of them allows it" : "none of them denies it"));
        yield false;
      }
      case CompiledAccess.Decision.Denied(var policy) -> {
        asked.add(
            policy.isEmpty()
                ? new Policy(action, names, "none of them allows it")
                : new Policy(action, policy, "denies it"));
        yield true;
      }
    };
  }
}
