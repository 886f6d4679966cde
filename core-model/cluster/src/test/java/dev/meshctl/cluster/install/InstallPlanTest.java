package dev.meshctl.cluster.install;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ObjectKind;
import dev.meshctl.model.source.kinds.KindCatalogue;
import dev.meshctl.model.testkit.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** From values to the objects of an installation. */
class InstallPlanTest {
  private static final String VERSION = "1.2.3";

  @TestFactory
  List<DynamicTest> values_give_the_manifests_of_the_folder() {
    return Scenario.of("install").stream()
        .map(scenario -> DynamicTest.dynamicTest(scenario.name(), () -> check(scenario)))
        .toList();
  }

  private static void check(Scenario scenario) throws IOException {
    Path file = scenario.files("in-values").getFirst();
    InstallValues.Checked checked =
        InstallValues.of(
            VERSION,
            List.of(
                new InstallValues.Said.File(
                    file.getFileName().toString(), Files.readString(file))));
    assertThat(checked.problems()).isEmpty();
    scenario.assertOutput(
        "manifests.yaml", InstallPlan.of("meshctl-system", checked.values()).yaml());
    scenario.assertNothingIsUnused();
  }

  @Test
  void what_is_written_reads_as_what_was_meant() {
    InstallPlan plan = plan();

    assertThat(Trees.documents(plan.yaml()))
        .isEqualTo(plan.objects().stream().map(o -> (JsonNode) o.tree()).toList());
  }

  @Test
  void every_value_changes_something() {
    for (Setting setting : Settings.all().values()) {
      if (setting.path().equals("defaultRevision")) {
        continue; // Only where the revision has a name: the scenario canary-revision.
      }
      // What says how an agent is counts where there is one.
      boolean ofAgent = setting.path().startsWith("nodeAgent.");
      String[] agent =
          ofAgent ? new String[] {"--set", "nodeAgent.enabled", "true"} : new String[0];
      InstallPlan before = setting.path().equals("nodeAgent.enabled") ? plan() : plan(agent);
      InstallPlan changed =
          plan(
              Stream.concat(Stream.of(agent), Stream.of("--set", setting.path(), another(setting)))
                  .toArray(String[]::new));

      assertThat(changed.yaml()).as(setting.path()).isNotEqualTo(before.yaml());
    }
  }

  private static String another(Setting setting) {
    return switch (setting.type()) {
      case Setting.Type.Text text ->
          List.of("other", "7Mi", "10.0.0.0/8", "/other").stream()
              .filter(value -> value.matches(text.pattern()))
              .findFirst()
              .orElseThrow();
      case Setting.Type.Choice choice -> choice.words().getLast();
      case Setting.Type.Number number -> String.valueOf(number.most());
      case Setting.Type.Flag flag -> String.valueOf(!setting.byDefault().booleanValue());
      case Setting.Type.Texts texts ->
          List.of("{one,two}", "[" + "A".repeat(59) + "=]").stream()
              .filter(value ->
                  value
                      .substring(1, value.length() - 1)
                      .split(",")[0]
                      .matches(texts.each().pattern()))
              .findFirst()
              .orElseThrow();
      case Setting.Type.Tree tree -> "{one: two}";
      case Setting.Type.Trees trees -> "[{key: one}]";
    };
  }

  @Test
  void the_api_server_is_told_of_the_webhooks_when_all_else_is_there() {
    List<String> kinds = plan().objects().stream().map(o -> o.kind().kind()).toList();

    assertThat(kinds.getFirst()).isEqualTo("Namespace");
    assertThat(kinds.subList(kinds.size() - 2, kinds.size()))
        .containsExactly("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration");
    assertThat(kinds.indexOf("ClusterRoleBinding")).isLessThan(kinds.indexOf("Deployment"));
  }

  @Test
  void two_revisions_share_only_what_says_so() {
    Map<String, ClusterObject> one = byName(plan("--set", "revision", "one"));
    Map<String, ClusterObject> two = byName(plan("--set", "revision", "two"));

    Set<String> shared = new TreeSet<>(one.keySet());
    shared.retainAll(two.keySet());

    assertThat(shared).isNotEmpty();
    for (Map.Entry<String, ClusterObject> each : one.entrySet()) {
      String name = each.getKey();
      Map<String, String> labels = each.getValue().labels();
      assertThat(labels).as(name).containsEntry("app.kubernetes.io/part-of", "meshctl");
      assertThat(labels.containsKey("install.meshctl.dev/shared"))
          .as(name)
          .isEqualTo(shared.contains(name));
      assertThat(labels.containsKey("install.meshctl.dev/revision"))
          .as(name)
          .isEqualTo(!shared.contains(name));
    }
    assertThat(shared).allSatisfy(name -> assertThat(one.get(name)).isEqualTo(two.get(name)));
  }

  @Test
  void the_control_plane_may_read_every_kind_that_is_read_and_no_other() {
    Set<String> read = new TreeSet<>();
    for (String kind : KindCatalogue.all()) {
      String[] parts = kind.split(" ");
      String group = new ObjectKind(parts[0], parts[1]).group();
      // An IstioOperator is for files only.
      if (isRead(parts) && !group.equals("install.istio.io")) {
        read.add(group + "/" + plural(parts[1]));
      }
    }
    read.add("runtime.meshctl.dev/runtimepatches");
    read.add("runtime.meshctl.dev/runtimereplicas");

    Set<String> allowed = new TreeSet<>();
    Set<String> verbs = new HashSet<>();
    for (JsonNode rule : rules(plan(), "ClusterRole meshctl-control-plane")) {
      rule.path("verbs").forEach(verb -> verbs.add(verb.asString()));
      if (rule.path("verbs").valueStream().anyMatch(v -> v.asString().equals("list"))
          && !rule.has("resourceNames")) {
        rule.path("apiGroups")
            .forEach(group ->
                rule.path("resources")
                    .forEach(
                        resource -> allowed.add(group.asString() + "/" + resource.asString())));
      }
    }

    assertThat(allowed).isEqualTo(read);
    assertThat(verbs).doesNotContain("*", "escalate", "bind", "impersonate", "deletecollection");
  }

  @Test
  void what_the_control_plane_writes_is_named() {
    for (JsonNode rule : rules(plan(), "ClusterRole meshctl-control-plane")) {
      boolean changes =
          rule.path("verbs")
              .valueStream()
              .anyMatch(v -> Set.of("update", "patch", "delete").contains(v.asString()));
      boolean ofStatus =
          rule.path("resources").valueStream().allMatch(r -> r.asString().endsWith("/status"));
      boolean ofEvents =
          rule.path("resources").valueStream().allMatch(r -> r.asString().equals("events"));
      if (changes && !ofStatus && !ofEvents) {
        assertThat(rule.has("resourceNames")).as(rule.toString()).isTrue();
      }
    }
  }

  @Test
  void what_serves_gateways_is_made_and_changed_but_neither_read_nor_deleted_by_that_permission() {
    for (JsonNode rule : rules(plan(), "ClusterRole meshctl-gateways")) {
      assertThat(rule.path("verbs").valueStream().map(JsonNode::asString))
          .isSubsetOf("create", "patch");
      assertThat(rule.path("resources").valueStream().map(JsonNode::asString))
          .isSubsetOf("deployments", "gatewayclasses", "serviceaccounts", "services");
    }
    assertThat(plan("--set", "gateways.deploy", "false").yaml())
        .doesNotContain("meshctl-gateways", "MESHCTL_DEPLOY_GATEWAYS");
  }

  @Test
  void a_node_agent_may_ask_for_itself_and_nothing_else() {
    for (JsonNode rule :
        rules(plan("--set", "nodeAgent.enabled", "true"), "Role meshctl-node-agent")) {
      assertThat(rule.path("verbs").toString()).isEqualTo("[\"get\"]");
      assertThat(rule.path("resourceNames").toString()).isEqualTo("[\"meshctl-node-agent\"]");
    }
    assertThat(plan().yaml()).doesNotContain("meshctl-node-agent", "hostPath");
  }

  @Test
  void who_may_view_may_not_patch() {
    List<JsonNode> viewer = rules(plan(), "ClusterRole meshctl-viewer");
    assertThat(viewer)
        .allSatisfy(rule ->
            assertThat(rule.path("verbs").valueStream().map(JsonNode::asString))
                .containsOnly("get", "list", "watch"));
    assertThat(named(plan(), "ClusterRole meshctl-operator").labels().keySet())
        .noneMatch(label -> label.contains("aggregate"));
  }

  @Test
  void istios_kinds_are_those_that_are_read_in_their_versions() {
    Map<String, Set<String>> read = new TreeMap<>();
    for (String kind : KindCatalogue.all()) {
      String[] parts = kind.split(" ");
      String group = new ObjectKind(parts[0], parts[1]).group();
      if (group.endsWith(".istio.io") && !group.equals("install.istio.io") && isRead(parts)) {
        read.computeIfAbsent(group + "/" + parts[1], key -> new TreeSet<>())
            .add(parts[0].substring(group.length() + 1));
      }
    }

    Map<String, Set<String>> installed = new TreeMap<>();
    IstioKinds.all()
        .forEach(kind ->
            installed.put(kind.group() + "/" + kind.kind(), new TreeSet<>(kind.versions())));

    assertThat(installed).isEqualTo(read);
  }

  private static boolean isRead(String[] parts) {
    return KindCatalogue.find(parts[0], parts[1])
        .filter(KindCatalogue.Kind.Read.class::isInstance)
        .isPresent();
  }

  private static String plural(String kind) {
    String lower = kind.toLowerCase(Locale.ROOT);
    if (lower.endsWith("y") && !lower.endsWith("way")) {
      return lower.substring(0, lower.length() - 1) + "ies";
    }
    return lower.endsWith("points") ? lower : lower.endsWith("s") ? lower + "es" : lower + "s";
  }

  private static List<JsonNode> rules(InstallPlan plan, String name) {
    return named(plan, name).tree().path("rules").valueStream().toList();
  }

  private static ClusterObject named(InstallPlan plan, String name) {
    return Optional.ofNullable(byName(plan).get(name)).orElseThrow();
  }

  private static Map<String, ClusterObject> byName(InstallPlan plan) {
    Map<String, ClusterObject> byName = new TreeMap<>();
    plan.objects()
        .forEach(object -> byName.put(object.kind().kind() + " " + object.name(), object));
    return byName;
  }

  /** Of the defaults, or with values set: each in three words. */
  private static InstallPlan plan(String... set) {
    List<InstallValues.Said> said = new ArrayList<>();
    for (int i = 0; i < set.length; i += 3) {
      said.add(new InstallValues.Said.Assignment(set[i + 1] + "=" + set[i + 2]));
    }
    InstallValues.Checked checked = InstallValues.of(VERSION, said);
    assertThat(checked.problems()).isEmpty();
    return InstallPlan.of("meshctl-system", checked.values());
  }
}
