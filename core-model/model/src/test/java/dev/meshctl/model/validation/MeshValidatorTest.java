package dev.meshctl.model.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.source.FolderContents;
import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.source.ParsedDocuments;
import dev.meshctl.model.source.YamlReader;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MeshValidatorTest {
  @Test
  void the_bookshop_is_a_mesh_without_a_finding() throws IOException {
    FolderContents bookshop =
        FolderSource.read(
            Path.of(System.getProperty("meshctl.root", "../.."), "samples", "bookshop"));

    ValidationResult result = validate(bookshop.documents());

    assertThat(result.diagnostics()).isEmpty();
    assertThat(result).isInstanceOf(ValidationResult.Valid.class);
  }

  @Test
  void resources_of_a_mesh_are_in_the_order_of_their_ids_whatever_the_order_of_files() {
    String first = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: b}\n";
    String second = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n";

    ValidationResult result = validate(YamlReader.read("in.yaml", first + "---\n" + second));

    assertThat(((ValidationResult.Valid) result).mesh().resources())
        .extracting(located -> located.resource().metadata().name())
        .containsExactly("a", "b");
  }

  @Test
  void one_mistake_is_one_error_what_refers_to_the_broken_resource_is_not_dangling() {
    ParsedDocuments parsed =
        YamlReader.read(
            "in.yaml",
            """
            apiVersion: v1
            kind: Service
            metadata: {name: cart, namespace: shop}
            spec: {ports: [{port: 80, nam: http}]}
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: cart, namespace: shop}
            spec:
              hosts: [cart]
              http:
                - route:
                    - destination: {host: cart}
            """);

    ValidationResult result = validate(parsed);

    assertThat(result.diagnostics())
        .extracting(Diagnostic::code)
        .containsExactly(DiagnosticCode.UNKNOWN_FIELD.code());
  }

  private static ValidationResult validate(ParsedDocuments parsed) {
    return MeshValidator.validate(
        "cluster.local", "istio-system", parsed.resources(), parsed.diagnostics());
  }
}
