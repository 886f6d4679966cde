package dev.meshctl.model.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.compare.Difference.Example;
import dev.meshctl.model.compare.Difference.Requests;
import dev.meshctl.model.explain.Explanation;
import dev.meshctl.model.explain.Explanation.Candidate;
import dev.meshctl.model.explain.Question;
import dev.meshctl.model.explain.RequestExplainer;
import dev.meshctl.model.source.ParsedDocuments;
import dev.meshctl.model.source.YamlReader;
import dev.meshctl.model.testkit.MeshText;
import dev.meshctl.model.testkit.WebArbitraries;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.validation.ValidationResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.statistics.Statistics;

/**
 * What the difference says against the explainer, which knows nothing of it: over random pairs of
 * configurations and random requests.
 */
class SemanticDiffPropertyTest {
  private static final String MESH =
      MeshText.accounts("default", "other")
          + MeshText.workload("default", "client", 1, "default", "app: client")
          + MeshText.workload("default", "other", 1, "other", "app: other")
          + MeshText.workload("default", "web-v1", 1, "default", "app: web, version: v1")
          + MeshText.workload("default", "web-v2", 1, "default", "app: web, version: v2")
          + MeshText.service(
              "default", "web", "selector: {app: web}, ports: [{name: http, port: 80}]")
          + WebArbitraries.SUBSETS;

  @Provide
  Arbitrary<String> rules() {
    return WebArbitraries.rules();
  }

  @Provide
  Arbitrary<String> policies() {
    return WebArbitraries.policies();
  }

  @Provide
  Arbitrary<Question> questions() {
    return WebArbitraries.questions("client", "other");
  }

  /** Rules with policies. */
  private record Configuration(List<String> rules, List<String> policies) {
    Optional<ValidatedMesh> mesh() {
      StringBuilder yaml = new StringBuilder(MESH);
      if (!rules.isEmpty()) {
        yaml.append(MeshText.rules("default", "web", String.join("", rules)));
      }
      for (int i = 0; i < policies.size(); i++) {
        yaml.append(
            "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\n"
                + "metadata: {name: p%d, namespace: default}\n".formatted(i));
        yaml.append(policies.get(i));
      }
      ParsedDocuments parsed = YamlReader.read("mesh.yaml", yaml.toString());
      return switch (MeshText.judged(parsed)) {
        case ValidationResult.Valid valid -> Optional.of(valid.mesh());
        case ValidationResult.Invalid invalid -> Optional.empty();
      };
    }

    /** Another one that is near: shuffled, one less, one twice, or one more. */
    Configuration near(Random dice, String rule, String policy) {
      List<String> otherRules = new ArrayList<>(rules);
      List<String> otherPolicies = new ArrayList<>(policies);
      switch (dice.nextInt(6)) {
        case 0, 1 -> Collections.shuffle(otherRules, dice);
        case 2 -> otherRules.remove(dice.nextInt(otherRules.size()));
        case 3 -> otherRules.add(otherRules.get(dice.nextInt(otherRules.size())));
        case 4 -> otherRules.add(dice.nextInt(otherRules.size() + 1), rule);
        default -> otherPolicies.add(0, policy);
      }
      Collections.shuffle(otherPolicies, dice);
      return new Configuration(otherRules, otherPolicies);
    }
  }

  /** An explanation without what only people read. */
  private record Seen(
      Explanation.Outcome outcome,
      int status,
      String location,
      Explanation.@org.jspecify.annotations.Nullable Rewritten rewritten,
      Explanation.Timeouts timeouts,
      Explanation.Retries retries,
      List<String> destinations) {
    static Seen of(Explanation explanation) {
      return new Seen(
          explanation.outcome(),
          explanation.status(),
          explanation.location(),
          explanation.rewritten(),
          explanation.timeouts(),
          explanation.retries(),
          explanation.destinations().stream()
              .map(to ->
                  to.service()
                      + Math.round(to.percent() * 1000)
                      + to.tls()
                      + to.endpoints().stream()
                          .filter(Candidate::in)
                          .map(Candidate::name)
                          .sorted()
                          .toList())
              .sorted()
              .toList());
    }
  }

  @Property(seed = "7", tries = 400, shrinking = ShrinkingMode.BOUNDED)
  void what_it_calls_the_same_is_the_same_and_what_it_shows_differs(
      @ForAll @Size(min = 1, max = 4) List<@From("rules") String> rules,
      @ForAll @Size(max = 2) List<@From("policies") String> policies,
      @ForAll @From("rules") String rule,
      @ForAll @From("policies") String policy,
      @ForAll long seed,
      @ForAll @Size(25) List<@From("questions") Question> questions) {
    Configuration one = new Configuration(rules, policies);
    Configuration other = one.near(new Random(seed), rule, policy);
    Optional<ValidatedMesh> before = one.mesh();
    Optional<ValidatedMesh> after = other.mesh();
    Assume.that(before.isPresent() && after.isPresent());

    Difference difference = SemanticDiff.between(before.get(), after.get());

    assertThat(difference.limits()).isEmpty();
    Statistics.label("differs").collect(!difference.classes().isEmpty());
    RequestExplainer was = RequestExplainer.of(before.get(), Optional.empty());
    RequestExplainer is = RequestExplainer.of(after.get(), Optional.empty());
    if (difference.classes().isEmpty()) {
      for (Question question : questions) {
        assertThat(Seen.of(is.explain(question)))
            .as("%s%nbefore: %s%nafter: %s", question, one, other)
            .isEqualTo(Seen.of(was.explain(question)));
      }
    }
    for (Requests requests : difference.classes()) {
      Example example = requests.example();
      // Somebody without a sidecar is nobody whom the explainer knows.
      if (!example.from().isEmpty() && !example.from().startsWith("istio-system/")) {
        Question question =
            new Question(
                example.from(), example.to(), example.method(), example.path(), example.headers());
        Explanation saidBefore = was.explain(question);
        Explanation saidAfter = is.explain(question);
        // On their way to a server routes may stop requests, or make others of them.
        if (requests.where() == Difference.Where.CLIENTS
            || (arrives(question, saidBefore) && arrives(question, saidAfter))) {
          assertThat(Seen.of(saidBefore))
              .as("%s%nbefore: %s%nafter: %s", requests, one, other)
              .isNotEqualTo(Seen.of(saidAfter));
        }
      }
    }
  }

  /** It comes to the server as it was sent. */
  private static boolean arrives(Question question, Explanation explanation) {
    return explanation.rewritten() != null
        && explanation.rewritten().path().equals(question.path());
  }
}
