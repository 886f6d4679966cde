package dev.meshctl.model.explain;

import dev.meshctl.model.explain.Explanation.Candidate;
import dev.meshctl.model.explain.Explanation.Destination;
import dev.meshctl.model.explain.Explanation.Outcome;
import dev.meshctl.model.explain.Explanation.Policy;
import dev.meshctl.model.explain.Explanation.Retries;
import dev.meshctl.model.explain.Explanation.Rewritten;
import dev.meshctl.model.explain.Explanation.Source;
import dev.meshctl.model.explain.Explanation.Step;
import dev.meshctl.model.explain.Explanation.Timeouts;
import dev.meshctl.model.xds.RouteOrigin;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What has been decided so far; becomes the {@link Explanation}. Thread: one. */
final class Trace {
  private final Scene scene;
  private final List<Step> steps = new ArrayList<>();
  private final List<Policy> policies = new ArrayList<>();
  private final List<Destination> destinations = new ArrayList<>();
  private String service = "";
  private @Nullable Source matched;
  private @Nullable Rewritten rewritten;
  private Timeouts timeouts = Timeouts.NONE;
  private Retries retries = Retries.NONE;
  private final List<Admittance> admittances = new ArrayList<>();
  private int status;
  private String location = "";
  private String route = "";
  private final Set<String> headers = new TreeSet<>();

  Trace(Scene scene) {
    this.scene = scene;
  }

  void step(String layer, String decision) {
    steps.add(new Step(layer, decision, null));
  }

  void step(String layer, String decision, Optional<RouteOrigin> origin) {
    steps.add(new Step(layer, decision, source(origin)));
  }

  private @Nullable Source source(Optional<RouteOrigin> origin) {
    return origin.flatMap(from -> scene.source(from.resource(), from.field())).orElse(null);
  }

  void service(String hostname) {
    service = hostname;
  }

  void matched(String name, Optional<RouteOrigin> origin) {
    route = name;
    matched = source(origin);
  }

  /** Somebody asked for a header, or for what stands in the request's head. */
  void asked(String header) {
    if (!header.startsWith(":")) {
      headers.add(header);
    }
  }

  void rewritten(Rewritten request) {
    rewritten = request;
  }

  void admittance(Admittance one) {
    admittances.add(one);
  }

  void timeouts(Timeouts these) {
    timeouts = these;
  }

  void retries(Retries these) {
    retries = these;
  }

  void answer(int withStatus, String toLocation) {
    status = withStatus;
    location = toLocation;
  }

  List<Destination> destinations() {
    return destinations;
  }

  /**
   * @param rule that speaks of it; empty where none does
   */
  void destination(Destination destination, Optional<Source> rule) {
    destinations.add(destination);
    steps.add(
        new Step(
            "cluster",
            (destination.percent() < 100 ? Percent.of(destination.percent()) + " % to " : "")
                + destination.cluster(),
            rule.orElse(null)));
    List<String> in =
        destination.endpoints().stream().filter(Candidate::in).map(Candidate::name).toList();
    if (!destination.endpoints().isEmpty()) {
      step(
          "endpoints",
          in.size()
              + " of "
              + destination.endpoints().size()
              + (in.isEmpty() ? "" : ": " + String.join(", ", in)));
    }
    for (Candidate out : destination.endpoints()) {
      if (!out.in()) {
        step("endpoints", "not " + out.name() + ": " + out.reason());
      }
    }
    step("tls", destination.tls());
  }

  void policies(String server, List<Policy> asked) {
    policies.addAll(asked);
    if (asked.isEmpty()) {
      step("policy", "no AuthorizationPolicy speaks of " + server + ": everything is allowed");
    }
    for (Policy policy : asked) {
      steps.add(
          new Step(
              "policy",
              "%s of %s (%s): %s"
                  .formatted(policy.action(), server, policy.name(), policy.decision()),
              scene.rule(policy.name()).orElse(null)));
    }
  }

  /** Addresses that were made up are nobody's business. */
  private Candidate told(Candidate candidate) {
    return scene.guessed()
        ? new Candidate(
            candidate.name(),
            "",
            candidate.zone(),
            candidate.priority(),
            candidate.in(),
            candidate.reason())
        : candidate;
  }

  private Destination told(Destination all) {
    return new Destination(
        all.cluster(),
        all.service(),
        all.subset(),
        all.port(),
        all.percent(),
        all.tls(),
        all.endpoints().stream().map(this::told).toList());
  }

  Explanation end(Outcome outcome) {
    List<Destination> all = destinations.stream().map(this::told).toList();
    Optional<Destination> likeliest = all.stream().findFirst();
    return new Explanation(
        outcome,
        likeliest.map(Destination::service).filter(host -> !host.isEmpty()).orElse(service),
        likeliest.map(Destination::subset).orElse(""),
        likeliest.map(Destination::endpoints).orElse(List.of()),
        matched,
        rewritten,
        policies,
        timeouts,
        retries,
        all,
        status,
        location,
        route,
        List.copyOf(headers),
        admittances,
        steps);
  }
}
