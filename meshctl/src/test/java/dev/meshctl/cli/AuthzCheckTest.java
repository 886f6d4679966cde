package dev.meshctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cli.CommandLineFixture.Said;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AuthzCheckTest {
  private static final String BOOKSHOP =
      Path.of(System.getProperty("meshctl.root"), "samples", "bookshop").toString();

  private static final String POLICIES =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: readers, namespace: bookshop}
      spec:
        selector: {matchLabels: {app: reviews}}
        action: ALLOW
        rules:
        - from: [{source: {principals: [cluster.local/ns/bookshop/sa/storefront]}}]
          to: [{operation: {methods: [GET], paths: [/reviews/*]}}]
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: no-secrets, namespace: bookshop}
      spec:
        action: DENY
        rules:
        - to: [{operation: {paths: [/reviews/secret]}}]
      """;

  @TempDir private Path state;
  @TempDir private Path folder;
  private CommandLineFixture cli;

  @BeforeEach
  void open() throws Exception {
    cli = CommandLineFixture.in(state);
    try (var files = Files.list(Path.of(BOOKSHOP))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".yaml")).toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    Files.writeString(folder.resolve("policies.yaml"), POLICIES);
  }

  private Said check(String... words) {
    List<String> all = new ArrayList<>(List.of("authz", "check"));
    all.addAll(List.of(words));
    all.addAll(List.of("-f", folder.toString()));
    return cli.run(all.toArray(String[]::new));
  }

  @Test
  void one_request_is_answered_policy_by_policy() {
    Said said = check("storefront", "reviews", "--method", "POST", "--path", "/reviews/3");

    assertThat(said.golden()).isEqualTo(CommandLineFixture.golden("authz-check-request"));
  }

  @Test
  void all_requests_are_answered_by_workload_and_port() {
    Said said = check("storefront", "reviews");

    assertThat(said.golden()).isEqualTo(CommandLineFixture.golden("authz-check"));
  }

  @Test
  void the_exit_code_says_whether_it_is_allowed() {
    assertThat(check("storefront", "reviews", "--path", "/reviews/3").exitCode()).isZero();
    assertThat(check("storefront", "reviews", "--path", "/reviews/secret").exitCode()).isOne();
    assertThat(check("catalog", "reviews").exitCode()).as("never").isOne();
    Said unknown = check("nobody", "ratings");
    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.err()).contains("no workload, Service or service account nobody");
  }

  @Test
  void json_is_one_object_for_scripts() {
    JsonNode json =
        JsonMapper.builder()
            .build()
            .readTree(check("storefront", "reviews", "--path", "/", "-o", "json").out());

    assertThat(json.path("allowed").asBoolean(true)).isFalse();
    assertThat(json.path("identity").asString())
        .isEqualTo("spiffe://cluster.local/ns/bookshop/sa/storefront");
    assertThat(json.path("answers").path(0).path("answer").asString()).isEqualTo("DENIED");
    JsonNode source = json.path("answers").path(0).path("looked").path(0).path("source");
    assertThat(source.path("file").asString()).isEqualTo("policies.yaml");
    assertThat(source.path("line").asInt()).isEqualTo(17);
  }
}
