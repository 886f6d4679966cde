package dev.meshctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cli.CommandLineFixture.Said;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ExplainTest {
  private static final String BOOKSHOP =
      Path.of(System.getProperty("meshctl.root"), "samples", "bookshop").toString();

  @TempDir private Path state;
  private CommandLineFixture cli;

  @BeforeEach
  void open() {
    cli = CommandLineFixture.in(state);
  }

  @Test
  void a_folder_alone_says_what_becomes_of_a_request() {
    Said said =
        cli.run(
            "explain",
            "request",
            "-f",
            BOOKSHOP,
            "--from",
            "storefront",
            "--to",
            "reviews:9080",
            "--path",
            "/reviews/3");
    assertThat(said.err()).isEmpty();
    assertThat(said.exitCode()).isZero();
    assertThat(said.out()).isEqualTo(CommandLineFixture.golden("explain-request"));
  }

  @Test
  void json_is_one_object_for_scripts() {
    Said said =
        cli.run(
            "explain",
            "request",
            "-f",
            BOOKSHOP,
            "--from",
            "bookshop/storefront",
            "--to",
            "reviews:9080",
            "-H",
            "x-user: a",
            "--json");
    JsonNode explanation = JsonMapper.builder().build().readTree(said.out());
    assertThat(explanation.path("outcome").asString()).isEqualTo("routed");
    assertThat(explanation.path("service").asString())
        .isEqualTo("reviews.bookshop.svc.cluster.local");
    assertThat(explanation.path("subset").asString()).isEqualTo("v1");
    assertThat(explanation.path("matched").path("kind").asString()).isEqualTo("VirtualService");
    assertThat(explanation.path("matched").path("file").asString()).isEqualTo("traffic.yaml");
    assertThat(explanation.path("destinations")).hasSize(2);
    assertThat(explanation.path("steps").size()).isGreaterThan(5);
  }

  @Test
  void names_that_are_not_there_are_refused_with_what_was_meant() {
    Said said =
        cli.run("explain", "request", "-f", BOOKSHOP, "--from", "storfront", "--to", "reviews");
    assertThat(said.exitCode()).isEqualTo(2);
    assertThat(said.out()).isEmpty();
    assertThat(said.err()).contains("storfront").contains("fix: did you mean 'storefront'?");

    Said header =
        cli.run(
            "explain",
            "request",
            "-f",
            BOOKSHOP,
            "--from",
            "storefront",
            "--to",
            "reviews",
            "-H",
            "nothing");
    assertThat(header.exitCode()).isEqualTo(2);
    assertThat(header.err()).contains("no header: nothing");
  }

  @Test
  void a_request_from_outside_is_asked_of_a_gateway() {
    Said said =
        cli.run(
            "explain",
            "request",
            "-f",
            BOOKSHOP,
            "--from",
            "istio-ingressgateway",
            "--to",
            "bookshop.example:8080",
            "--source-ip",
            "203.0.113.7");
    assertThat(said.out()).contains("somebody outside, at the gateway istio-ingressgateway");
    assertThat(said.out()).startsWith("routed storefront.bookshop.svc.cluster.local");
    assertThat(said.exitCode()).isZero();
  }
}
