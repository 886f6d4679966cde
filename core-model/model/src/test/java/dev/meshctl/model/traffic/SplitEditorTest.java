package dev.meshctl.model.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.source.FolderContents;
import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.validation.Diagnostic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitEditorTest {
  private static final String SERVICES =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: reviews, namespace: shop}
      spec: {ports: [{name: http, port: 9080}]}
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: reviews, namespace: shop}
      spec:
        host: reviews
        subsets:
          - {name: v1, labels: {version: v1}}
          - {name: v2, labels: {version: v2}}
          - {name: v3, labels: {version: v3}}
      """;

  @TempDir Path folder;

  @Test
  void only_the_weights_change_in_the_bookshop() throws IOException {
    FolderContents bookshop =
        FolderSource.read(
            Path.of(System.getProperty("meshctl.root", "../.."), "samples", "bookshop"));

    SplitEdit edit = prepared(bookshop, SplitRequest.of("reviews", weights("v1", 50, "v3", 50)));

    assertThat(edit.file().name()).isEqualTo("traffic.yaml");
    assertThat(edit.newText())
        .isEqualTo(
            edit.file()
                .text()
                .replace("weight: 90", "weight: 50")
                .replace("weight: 10\n", "weight: 50\n"));
    assertThat(edit.diff()).contains("-          weight: 90\n+          weight: 50\n");
    assertThat(shares(edit.after())).isEqualTo(Map.of("v1", 50, "v3", 50));
  }

  @Test
  void a_subset_without_an_entry_gets_one_in_the_style_of_its_neighbours() throws IOException {
    String file =
        virtualService(
            """
                - route:
                  - destination:
                      host: reviews
                      subset: v1     # words only
                    weight: 100      # everyone
                  # the end
            """);

    String edited = edit(file, weights("v1", 75, "v2", 25));

    assertThat(edited)
        .isEqualTo(
            file.replace("weight: 100", "weight: 75")
                .replace(
                    "# everyone\n",
                    """
                    # everyone
                          - destination:
                              host: reviews
                              subset: v2
                            weight: 25
                    """));
  }

  @Test
  void a_weight_that_was_not_written_is_added_as_the_last_field() throws IOException {
    String file =
        virtualService(
            """
                - route:
                    - destination:
                        host: reviews
                        subset: v1 # all of them
                      headers: {request: {set: {a: b}}}
            """);

    assertThat(edit(file, weights("v1", 7)))
        .isEqualTo(
            file.replace(
                "headers: {request: {set: {a: b}}}\n",
                "headers: {request: {set: {a: b}}}\n          weight: 7\n"));
  }

  @Test
  void braces_stay_braces() throws IOException {
    String file =
        virtualService(
            """
                - route: [{destination: {host: reviews, subset: v1}}, # first
                          {"destination": {"host": "reviews", "subset": "v3"}, "weight": 0}]
            """);

    assertThat(edit(file, weights("v1", 1, "v2", 2, "v3", 3)))
        .isEqualTo(
            file.replace("subset: v1}}", "subset: v1}, weight: 1}")
                .replace(
                    "\"weight\": 0}]",
                    "\"weight\": 3}, {\"destination\": {\"host\": \"reviews\", \"subset\":"
                        + " \"v2\"}, \"weight\": 2}]"));
  }

  @Test
  void windows_line_ends_stay() throws IOException {
    String file =
        virtualService(
                """
                    - route:
                        - destination: {host: reviews, subset: v1}
                """)
            .replace("\n", "\r\n");

    assertThat(edit(file, weights("v1", 1, "v2", 2)))
        .isEqualTo(
            file.substring(0, file.length() - "subset: v1}\r\n".length())
                + "subset: v1}\r\n"
                + "          weight: 1\r\n"
                + "        - destination: {host: reviews, subset: v2}\r\n"
                + "          weight: 2\r\n");
  }

  @Test
  void an_alias_is_replaced_where_it_stands() throws IOException {
    String file =
        virtualService(
            """
                - route:
                    - destination: {host: reviews, subset: v1}
                      weight: &half 50
                    - destination: {host: reviews, subset: v2}
                      weight: *half
            """);

    assertThat(edit(file, weights("v1", 50, "v2", 20))).isEqualTo(file.replace("*half", "20"));
  }

  @Test
  void an_anchor_that_others_use_is_not_edited_behind_their_back() throws IOException {
    String file =
        virtualService(
            """
                - route:
                    - destination: {host: reviews, subset: v1}
                      weight: &half 50
                    - destination: {host: reviews, subset: v2}
                      weight: *half
            """);

    assertThat(refused(file, "", weights("v1", 20, "v2", 50)))
        .singleElement()
        .extracting(Diagnostic::code)
        .isEqualTo("MESH0208");
  }

  @Test
  void a_split_that_is_as_asked_changes_nothing() throws IOException {
    String file =
        virtualService(
            """
                - route:
                    - destination: {host: reviews, subset: v1}
                      weight: 5
            """);
    write(file);

    SplitEdit edit =
        prepared(FolderSource.read(folder), SplitRequest.of("reviews", weights("v1", 5)));

    assertThat(edit.isChange()).isFalse();
    assertThat(edit.diff()).isEmpty();
  }

  @Test
  void one_of_several_rules_is_edited_by_its_name() throws IOException {
    String file =
        virtualService(
            """
                - name: jason
                  match: [{headers: {end-user: {exact: jason}}}]
                  route:
                    - destination: {host: reviews, subset: v2}
                - name: others
                  route:
                    - destination: {host: reviews, subset: v1}
                      weight: 100
            """);
    write(file);
    SplitEditor editor = new SplitEditor(FolderSource.read(folder));

    assertThat(refused(file, "", weights("v1", 1)))
        .singleElement()
        .satisfies(d -> {
          assertThat(d.code()).isEqualTo("MESH0203");
          assertThat(d.problem()).contains("jason (header end-user jason), others");
        });
    assertThat(
            ((SplitEditor.Edited.Prepared)
                    editor.edit(
                        new SplitRequest("reviews", "", "others", weights("v1", 1, "v3", 1))))
                .edit()
                .after()
                .rules()
                .get(1)
                .shares())
        .extracting(HostSplit.Share::name)
        .containsExactly("v1", "v3");
  }

  @Test
  void a_file_that_somebody_changed_meanwhile_is_not_overwritten() throws IOException {
    String file =
        virtualService("    - route:\n        - destination: {host: reviews, subset: v1}\n");
    write(file);
    SplitEditor editor = new SplitEditor(FolderSource.read(folder));
    SplitEdit edit =
        ((SplitEditor.Edited.Prepared) editor.edit(SplitRequest.of("reviews", weights("v1", 3))))
            .edit();
    Files.writeString(folder.resolve("vs.yaml"), "# mine\n" + file);

    assertThat(editor.write(edit))
        .singleElement()
        .extracting(Diagnostic::code)
        .isEqualTo("MESH0209");
    assertThat(folder.resolve("vs.yaml")).hasContent("# mine\n" + file);
  }

  @Test
  void versions_of_an_http_route_are_called_by_service_or_by_version() throws IOException {
    FolderContents bookshop =
        FolderSource.read(
            Path.of(System.getProperty("meshctl.root", "../.."), "samples", "bookshop"));
    String host = "partners.bookshop.example";

    SplitEdit byName =
        prepared(bookshop, SplitRequest.of(host, weights("reviews-v2", 1, "reviews-v3", 3)));
    SplitEdit byVersion = prepared(bookshop, SplitRequest.of(host, weights("v2", 1, "v3", 3)));

    assertThat(byName.newText()).isEqualTo(byVersion.newText());
    assertThat(shares(byName.after())).isEqualTo(Map.of("reviews-v2", 1, "reviews-v3", 3));
  }

  private static String virtualService(String rules) {
    return """
    # who gets which reviews
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: reviews, namespace: shop}
    spec:
      hosts: [reviews]
      http:
    """
        + rules;
  }

  private void write(String file) throws IOException {
    Files.writeString(folder.resolve("services.yaml"), SERVICES);
    Files.writeString(folder.resolve("vs.yaml"), file);
  }

  private String edit(String file, Map<String, Integer> weights) throws IOException {
    write(file);
    SplitEditor editor = new SplitEditor(FolderSource.read(folder));
    SplitEdit edit =
        switch (editor.edit(SplitRequest.of("reviews", weights))) {
          case SplitEditor.Edited.Prepared(SplitEdit e) -> e;
          case SplitEditor.Edited.Refused(List<Diagnostic> reasons) ->
              throw new AssertionError(reasons.toString());
        };
    assertThat(editor.write(edit)).isEmpty();
    return Files.readString(folder.resolve("vs.yaml"));
  }

  private List<Diagnostic> refused(String file, String rule, Map<String, Integer> weights)
      throws IOException {
    write(file);
    SplitEditor editor = new SplitEditor(FolderSource.read(folder));
    return ((SplitEditor.Edited.Refused)
            editor.edit(new SplitRequest("reviews", "", rule, weights)))
        .reasons();
  }

  private static SplitEdit prepared(FolderContents contents, SplitRequest request) {
    return switch (new SplitEditor(contents).edit(request)) {
      case SplitEditor.Edited.Prepared(SplitEdit edit) -> edit;
      case SplitEditor.Edited.Refused(List<Diagnostic> reasons) ->
          throw new AssertionError(reasons.toString());
    };
  }

  private static Map<String, Integer> shares(HostSplit split) {
    Map<String, Integer> shares = new LinkedHashMap<>();
    split.rules().getFirst().shares().forEach(share -> shares.put(share.name(), share.weight()));
    return shares;
  }

  private static Map<String, Integer> weights(Object... namesAndWeights) {
    Map<String, Integer> weights = new LinkedHashMap<>();
    for (int i = 0; i < namesAndWeights.length; i += 2) {
      weights.put((String) namesAndWeights[i], (Integer) namesAndWeights[i + 1]);
    }
    return weights;
  }
}
