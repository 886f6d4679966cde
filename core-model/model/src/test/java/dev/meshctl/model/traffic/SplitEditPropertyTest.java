package dev.meshctl.model.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.difflib.UnifiedDiffUtils;
import com.github.difflib.patch.PatchFailedException;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.resource.VirtualService.HttpAction;
import dev.meshctl.model.resource.VirtualService.RouteDestination;
import dev.meshctl.model.source.FolderContents;
import dev.meshctl.model.source.FolderSource;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.source.ParsedDocuments;
import dev.meshctl.model.source.SourceFile;
import dev.meshctl.model.source.YamlReader;
import dev.meshctl.model.validation.Diagnostic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Edits of generated files: whatever their style, only the weights change. */
class SplitEditPropertyTest {
  private static final List<String> SUBSETS = List.of("v1", "v2", "v3");

  /** How one route entry is written. */
  record Entry(boolean flow, boolean nestedFlow, boolean weightFirst, int weight, String comment) {}

  /** How a file is written. */
  record Style(
      int indent, boolean windows, boolean listInBraces, String comment, List<Entry> entries) {}

  @Provide
  Arbitrary<Style> styles() {
    Arbitrary<String> comments =
        Arbitraries.of("", "", " # keep", " # weight: 7", " # { [ ümlaut 😀 ' \"");
    Arbitrary<Entry> entries =
        Combinators.combine(
                Arbitraries.of(true, false),
                Arbitraries.of(true, false),
                Arbitraries.of(true, false),
                Arbitraries.integers().between(-1, 100),
                comments)
            .as(Entry::new);
    return Combinators.combine(
            Arbitraries.of(2, 4),
            Arbitraries.of(true, false),
            Arbitraries.of(true, false),
            comments,
            entries.list().ofMinSize(1).ofMaxSize(3))
        .as(Style::new);
  }

  @Provide
  Arbitrary<Map<String, Integer>> weights() {
    return Arbitraries.maps(Arbitraries.of(SUBSETS), Arbitraries.integers().between(0, 1000))
        .ofMinSize(1)
        .filter(weights -> weights.values().stream().anyMatch(weight -> weight > 0));
  }

  @Property(seed = "42", tries = 250, edgeCases = EdgeCasesMode.NONE)
  void an_edit_gives_the_weights_asked_for_and_changes_nothing_else(
      @ForAll("styles") Style style, @ForAll("weights") Map<String, Integer> weights)
      throws PatchFailedException {
    String text = write(style);
    SplitEdit edit = edit(text, weights);

    VirtualService before = virtualService(text);
    VirtualService after = virtualService(edit.newText());
    Map<String, Integer> got = new LinkedHashMap<>();
    route(after).forEach(r -> got.merge(r.destination().subset(), r.weight(), Integer::sum));
    for (String subset : SUBSETS) {
      assertThat(got.getOrDefault(subset, 0))
          .as("weight of %s in\n%s", subset, edit.newText())
          .isEqualTo(weights.getOrDefault(subset, 0));
    }
    assertThat(withoutWeights(after)).startsWith(withoutWeights(before).toArray(String[]::new));
    assertThat(after.http().getLast()).isEqualTo(before.http().getLast());
    assertThat(comments(edit.newText())).isEqualTo(comments(text));
    assertThat(edit.newText().contains("\r\n")).isEqualTo(style.windows());
    if (style.windows()) {
      assertThat(edit.newText().replace("\r\n", "")).doesNotContain("\n");
    }
    if (edit.isChange()) {
      assertThat(patched(text, edit.diff())).isEqualTo(edit.newText());
    }
  }

  @Property(seed = "42", tries = 60, edgeCases = EdgeCasesMode.NONE)
  void the_same_request_twice_changes_nothing_the_second_time(
      @ForAll("styles") Style style, @ForAll("weights") Map<String, Integer> weights) {
    String once = edit(write(style), weights).newText();

    assertThat(edit(once, weights).isChange()).isFalse();
  }

  private static String patched(String text, String diff) throws PatchFailedException {
    List<String> lines = Arrays.asList(text.split("\n", -1));
    return String.join(
        "\n", UnifiedDiffUtils.parseUnifiedDiff(Arrays.asList(diff.split("\n"))).applyTo(lines));
  }

  /** Each entry is another subset; a weight of -1 is not written. */
  private static String write(Style style) {
    StringBuilder text = new StringBuilder();
    text.append("# top\n---").append(style.comment()).append('\n');
    text.append("apiVersion: networking.istio.io/v1\nkind: VirtualService\n");
    text.append("metadata: {name: reviews, namespace: shop}\nspec:\n");
    String step = " ".repeat(style.indent());
    text.append(step).append("hosts: [reviews]").append(style.comment()).append('\n');
    text.append(step).append("http:\n");
    text.append(step).append("- name: first\n");
    text.append(step).append("  match: [{headers: {a: {exact: b}}}]\n");
    text.append(step).append("  route:");
    if (style.listInBraces()) {
      List<String> items = new ArrayList<>();
      for (int i = 0; i < style.entries().size(); i++) {
        items.add(inBraces(style.entries().get(i), SUBSETS.get(i)));
      }
      text.append(" [").append(String.join(",\n" + step + "     ", items)).append("]");
      text.append(style.comment()).append('\n');
    } else {
      text.append(style.comment()).append('\n');
      for (int i = 0; i < style.entries().size(); i++) {
        text.append(entry(style.entries().get(i), SUBSETS.get(i), step + step));
      }
    }
    text.append(step).append("  timeout: 1.5s\n");
    text.append(step).append("# between\n");
    text.append(step).append("- route:\n");
    text.append(step).append("  - destination: {host: reviews, subset: v1}\n");
    text.append(step).append("    weight: 42\n# end\n");
    return style.windows() ? text.toString().replace("\n", "\r\n") : text.toString();
  }

  private static String entry(Entry entry, String subset, String indent) {
    if (entry.flow()) {
      return indent + "- " + inBraces(entry, subset) + entry.comment() + "\n";
    }
    String weight = entry.weight() < 0 ? "" : "weight: " + entry.weight() + entry.comment() + "\n";
    String destination =
        entry.nestedFlow()
            ? "destination: {host: 'reviews', subset: " + subset + "}" + entry.comment() + "\n"
            : "destination:\n"
                + indent
                + "    host: \"reviews\""
                + entry.comment()
                + "\n"
                + indent
                + "    subset: "
                + subset
                + entry.comment()
                + "\n\n";
    String next = indent + "  ";
    return entry.weightFirst() && !weight.isEmpty()
        ? indent + "- " + weight + next + destination
        : indent + "- " + destination + (weight.isEmpty() ? "" : next + weight);
  }

  private static String inBraces(Entry entry, String subset) {
    String destination = "destination: {host: reviews, subset: " + subset + "}";
    if (entry.weight() < 0) {
      return "{" + destination + "}";
    }
    return entry.weightFirst()
        ? "{weight: " + entry.weight() + ", " + destination + "}"
        : "{ " + destination + ", weight: " + entry.weight() + " }";
  }

  private static SplitEdit edit(String text, Map<String, Integer> weights) {
    String services =
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
          subsets: [{name: v1}, {name: v2}, {name: v3}]
        """;
    ParsedDocuments first = YamlReader.read("services.yaml", services);
    ParsedDocuments second = YamlReader.read("vs.yaml", text);
    assertThat(first.diagnostics()).isEmpty();
    assertThat(second.diagnostics()).as(text).isEmpty();
    List<Located<? extends MeshResource>> all = new ArrayList<>(first.resources());
    all.addAll(second.resources());
    FolderContents contents =
        new FolderContents(
            Path.of("."),
            List.of(new SourceFile("vs.yaml", Path.of("vs.yaml"), text, FolderSource.sha256(text))),
            new ParsedDocuments(all, List.of()));
    return switch (new SplitEditor(contents)
        .edit(new SplitRequest("reviews", "", "first", weights))) {
      case SplitEditor.Edited.Prepared(SplitEdit edit) -> edit;
      case SplitEditor.Edited.Refused(List<Diagnostic> reasons) ->
          throw new AssertionError(reasons + "\n" + text);
    };
  }

  private static VirtualService virtualService(String text) {
    ParsedDocuments parsed = YamlReader.read("vs.yaml", text);
    assertThat(parsed.diagnostics()).as(text).isEmpty();
    return (VirtualService) parsed.resources().getFirst().resource();
  }

  private static List<RouteDestination> route(VirtualService virtualService) {
    return ((HttpAction.Forward) virtualService.http().getFirst().action()).route();
  }

  private static List<String> withoutWeights(VirtualService virtualService) {
    return route(virtualService).stream().map(r -> r.destination() + " " + r.headers()).toList();
  }

  private static String comments(String text) {
    return text.lines()
        .filter(line -> line.contains("#"))
        .map(line -> line.substring(line.indexOf('#')))
        .collect(Collectors.joining("\n"));
  }
}
