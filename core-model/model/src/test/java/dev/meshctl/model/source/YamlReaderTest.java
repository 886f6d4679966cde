package dev.meshctl.model.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.resource.Service;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.validation.Diagnostic;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class YamlReaderTest {
  @Test
  void the_bookshop_reads_without_a_finding() throws IOException {
    Path samples = Path.of(System.getProperty("meshctl.root", "../.."), "samples", "bookshop");

    FolderContents bookshop = FolderSource.read(samples);

    assertThat(bookshop.documents().diagnostics()).isEmpty();
    assertThat(bookshop.documents().resources()).hasSizeGreaterThan(20);
  }

  @Test
  void a_field_is_found_at_its_line_and_column() {
    Located<?> located =
        only(
            """
            # a comment
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata:
              name: cart
            spec:
              hosts: [cart]
              http:
                - route:
                    - destination: {host: cart, subset: v1}
                      weight: 90
            """);

    assertThat(located.at("spec.http[0].route[0].weight"))
        .isEqualTo(new Position("in.yaml", 11, 19));
    assertThat(located.at("spec.http[0].route[0].destination.subset"))
        .isEqualTo(new Position("in.yaml", 10, 45));
    assertThat(located.at("spec.http[0].route[0].headers"))
        .as("a field that is not written stands where its parent does")
        .isEqualTo(new Position("in.yaml", 10, 11));
    assertThat(located.at("")).isEqualTo(new Position("in.yaml", 2, 1));
  }

  @Test
  void anchors_and_merge_keys_are_resolved_and_keep_the_place_where_they_are_written() {
    Located<?> located =
        only(
            """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: cart}
            spec:
              hosts: [cart]
              http:
                - route:
                    - &first
                      destination: {host: cart, subset: v1}
                      weight: 90
                    - <<: *first
                      weight: 10
                    - *first
            """);

    VirtualService cart = (VirtualService) located.resource();
    List<VirtualService.RouteDestination> route =
        ((VirtualService.HttpAction.Forward) cart.http().getFirst().action()).route();
    assertThat(route)
        .extracting(VirtualService.RouteDestination::weight)
        .containsExactly(90, 10, 90);
    assertThat(route).allSatisfy(r -> assertThat(r.destination().subset()).isEqualTo("v1"));
    assertThat(located.at("spec.http[0].route[2].weight").line()).isEqualTo(10);
  }

  @Test
  void documents_before_a_syntax_error_are_read() {
    ParsedDocuments parsed =
        YamlReader.read(
            "in.yaml",
            """
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: a}
            ---
            a: [1
            b: 2
            """);

    assertThat(parsed.resources()).hasSize(1);
    assertThat(parsed.diagnostics())
        .singleElement()
        .satisfies(d -> {
          assertThat(d.code()).isEqualTo("MESH0001");
          assertThat(d.position()).isEqualTo(new Position("in.yaml", 6, 2));
        });
  }

  @Test
  void each_item_of_a_list_is_an_object() {
    ParsedDocuments parsed =
        YamlReader.read(
            "in.yaml",
            """
            apiVersion: v1
            kind: List
            items:
              - apiVersion: v1
                kind: ServiceAccount
                metadata: {name: a}
              - apiVersion: v1
                kind: ServiceAccount
                metadata: {name: b}
            """);

    assertThat(parsed.diagnostics()).isEmpty();
    assertThat(parsed.resources())
        .extracting(r -> r.resource().metadata().name())
        .containsExactly("a", "b");
    assertThat(parsed.resources().get(1).at("metadata.name"))
        .isEqualTo(new Position("in.yaml", 9, 22));
  }

  @Test
  void json_is_yaml_too() {
    Located<?> located =
        only(
            """
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "namespace": "n"},
             "spec": {"ports": [{"port": 80, "name": "http"}]}}
            """);

    assertThat(((Service) located.resource()).ports()).hasSize(1);
  }

  @Test
  void nesting_without_end_is_refused_rather_than_fatal() {
    ParsedDocuments parsed = YamlReader.read("in.yaml", "[".repeat(100_000));

    assertThat(parsed.diagnostics())
        .singleElement()
        .extracting(Diagnostic::problem)
        .asString()
        .contains("nested deeper than 100 levels");
  }

  @Test
  void an_anchor_that_holds_itself_is_refused_rather_than_fatal() {
    ParsedDocuments parsed =
        YamlReader.read(
            "in.yaml",
            """
            apiVersion: v1
            kind: Service
            metadata: &m {name: s, labels: *m}
            spec: {ports: [{port: 80}]}
            """);

    assertThat(parsed.resources()).isEmpty();
    assertThat(parsed.diagnostics()).isNotEmpty();
  }

  @Test
  void a_forbidden_character_is_reported_where_it_stands() {
    ParsedDocuments parsed = YamlReader.read("in.yaml", "a: 1\nb: \u0001\n");

    assertThat(parsed.diagnostics())
        .singleElement()
        .satisfies(d -> assertThat(d.position()).isEqualTo(new Position("in.yaml", 2, 4)));
  }

  private static Located<?> only(String text) {
    ParsedDocuments parsed = YamlReader.read("in.yaml", text);
    assertThat(parsed.diagnostics()).isEmpty();
    assertThat(parsed.resources()).hasSize(1);
    return parsed.resources().getFirst();
  }
}
