package dev.meshctl.model.explain;

import dev.meshctl.model.explain.Admittance.Answer;
import dev.meshctl.model.explain.Admittance.Looked;
import dev.meshctl.model.explain.Admittance.Verdict;
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
public final class Servers {
  private final Scene scene;

  public Servers(Scene scene) {
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
      Caller caller,
      boolean secure,
      @Nullable RequestView request) {
    Optional<Arrival> arrival = arrive(server, port, caller, secure);
    return arrival.isEmpty()
        ? new Admission.NoChain(noChain(secure))
        : ask(arrival.get().chain().controls(), arrival.get().facts(), request);
  }

  private static String noChain(boolean secure) {
    return secure
        ? "its port takes no TLS of the mesh"
        : "its port takes mutual TLS only, and this connection is in the clear";
  }

  /** A connection that has come about. */
  public record Arrival(InboundChain chain, ConnectionFacts facts) {}

  /** Empty where no chain of the server's sidecar takes such a connection. */
  public Optional<Arrival> arrive(
      WorkloadInstance server, int port, Caller caller, boolean secure) {
    return InboundChain.find(scene.translation().snapshotFor(Scene.sidecar(server)), port, secure)
        .map(chain ->
            new Arrival(
                chain,
                new ConnectionFacts(
                    Scene.socket(server.address(), port),
                    Scene.socket(caller.address(), 0),
                    secure,
                    "",
                    secure ? List.of(caller.identity()) : List.of())));
  }

  /** As {@link #admit}, with every policy that speaks of the port. */
  public Admittance admittance(
      WorkloadInstance server,
      int port,
      Caller caller,
      boolean secure,
      @Nullable RequestView request) {
    if (!server.inMesh()) {
      return told(
          server, port, secure, Answer.ALLOWED, "it has no sidecar, so nobody asks", List.of());
    }
    Optional<Arrival> arrival = arrive(server, port, caller, secure);
    if (arrival.isEmpty()) {
      return told(server, port, secure, Answer.REJECTED, noChain(secure), List.of());
    }
    InboundChain chain = arrival.get().chain();
    RequestView seen = chain.isHttp() ? request : null;
    List<Looked> looked =
        new PolicyLook(scene, scene.translation().authorizing(Scene.sidecar(server), port))
            .at(chain.controls(), arrival.get().facts(), seen);
    boolean denied = ask(chain.controls(), arrival.get().facts(), seen).denied();
    return told(
        server,
        port,
        secure,
        denied ? Answer.DENIED : Answer.ALLOWED,
        reason(denied, looked),
        looked);
  }

  private static Admittance told(
      WorkloadInstance server,
      int port,
      boolean secure,
      Answer answer,
      String reason,
      List<Looked> looked) {
    return new Admittance(
        server.namespace(), server.workload(), port, secure, answer, reason, looked);
  }

  private static String reason(boolean denied, List<Looked> looked) {
    Optional<Looked> matched =
        looked.stream().filter(each -> each.verdict() == Verdict.MATCHED).findFirst();
    if (denied) {
      return matched
          .map(each -> each.policy() + " denies it")
          .orElse("none of the policies that allow something allows it");
    }
    return matched
        .map(each -> each.policy() + " allows it")
        .orElse(
            looked.isEmpty()
                ? "no AuthorizationPolicy speaks of it"
                : "no policy denies it, and none allows only some");
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
