package dev.meshctl.model.topology.render;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.GraphView.Node;
import dev.meshctl.model.query.GraphView.NodeKind;
import dev.meshctl.model.query.GraphView.Signals;
import dev.meshctl.model.query.QueryJson;
import dev.meshctl.model.testkit.BookshopScene;
import dev.meshctl.model.testkit.Judges;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;

/**
 * Golden files are in {@code golden/}; a run with {@code -Dmeshctl.golden=write} writes them anew.
 */
class GraphRenderersTest {
  private static final GraphView BUSY = BookshopScene.busy();
  private static final Node ODD =
      new Node(
          "service:a/<b>&\"\\", NodeKind.SERVICE, "a", "<b>&\"\\", "<b>", "", 0, 0, Signals.NONE);

  @Test
  void text_reads_at_eighty_columns() throws Exception {
    golden("busy-80.txt", new TextGraph(80, false).render(BUSY));
  }

  @Test
  void text_shows_more_at_a_hundred_and_twenty_columns() throws Exception {
    golden("busy-120.txt", new TextGraph(120, false).render(BUSY));
  }

  @Test
  void text_of_a_mesh_without_traffic() throws Exception {
    golden("quiet-80.txt", new TextGraph(80, false).render(BookshopScene.quiet()));
  }

  @Test
  void dot() throws Exception {
    golden("busy.dot", new DotGraph().render(BUSY));
  }

  @Test
  void mermaid() throws Exception {
    golden("busy.mmd", new MermaidGraph().render(BUSY));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 60, 72, 80, 100, 120, 200})
  void no_line_is_wider_than_the_terminal(int columns) {
    int allowed = Math.max(60, columns);
    assertThat(new TextGraph(columns, false).render(BUSY).lines())
        .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(allowed));
  }

  @Test
  void colours_change_nothing_but_colours() {
    String plain = new TextGraph(100, false).render(BUSY);
    String tinted = new TextGraph(100, true).render(BUSY);
    assertThat(tinted).contains("\u001b[1;31m4.3%\u001b[0m");
    String stripped = tinted.replaceAll("\u001b\\[[0-9;]*m", "");
    assertThat(stripped.lines().map(String::stripTrailing))
        .containsExactlyElementsOf(plain.lines().toList());
  }

  @Test
  void json_reads_back_as_the_same_view() {
    String json = new JsonGraph().render(BUSY);
    assertThat(QueryJson.mapper().readValue(json, GraphView.class)).isEqualTo(BUSY);
  }

  @Test
  void svg_is_well_formed_and_stands_alone() throws Exception {
    String svg = new SvgGraph("bookshop").render(BUSY);
    Document document = parsed(svg);
    assertThat(document.getDocumentElement().getTagName()).isEqualTo("svg");
    assertThat(svg)
        .contains("prefers-color-scheme:dark")
        .doesNotContain("<script", "href=", "url(", "@import", "NaN");
    assertThat(document.getElementsByTagName("title").getLength())
        .isGreaterThan(BUSY.edges().size());
  }

  @Test
  void equal_views_give_equal_drawings() {
    assertThat(new SvgGraph("x").render(BookshopScene.busy()))
        .isEqualTo(new SvgGraph("x").render(BookshopScene.busy()));
  }

  @Test
  void odd_names_break_no_form() throws Exception {
    GraphView view = new GraphView(0, 1000, List.of(ODD), List.of());
    parsed(new SvgGraph("<&\">").render(view));
    assertThat(new MermaidGraph().render(view)).contains("#lt;b>&#quot;").doesNotContain("<b>");
    assertThat(new DotGraph().render(view)).contains("\"<b>&\\\"\\\\\"");
    assertThat(new TextGraph(80, false).render(view)).contains("nothing serves it");
  }

  @Test
  void an_empty_graph_is_drawn_as_well() throws Exception {
    GraphView empty = new GraphView(0, 1000, List.of(), List.of());
    parsed(new SvgGraph("").render(empty));
    assertThat(new TextGraph(80, false).render(empty)).startsWith("last 1 s");
    assertThat(new DotGraph().render(empty)).endsWith("}\n");
  }

  /** Graphviz itself reads what we write. */
  @Test
  void graphviz_draws_the_dot_form(@TempDir Path folder) throws Exception {
    boolean there =
        List.of(System.getenv("PATH").split(":")).stream()
            .anyMatch(bin -> Files.isExecutable(Path.of(bin, "dot")));
    if (!there) {
      System.err.println("SKIPPED: no Graphviz `dot` on the PATH to judge the DOT form");
    }
    Assumptions.assumeTrue(there, "no Graphviz");
    GraphView odd = new GraphView(0, 1000, List.of(ODD), List.of());
    for (GraphView view : List.of(BUSY, BookshopScene.quiet(), odd)) {
      Path dot = folder.resolve("graph.dot");
      Files.writeString(dot, new DotGraph().render(view));
      Process process =
          new ProcessBuilder("dot", "-Tsvg", "-o", folder + "/graph.svg", dot.toString())
              .redirectErrorStream(true)
              .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(said).isZero();
      assertThat(Files.readString(folder.resolve("graph.svg"))).contains("</svg>");
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.05, 0.1, 4.3, 9.94, 9.96, 50, 99.5, 99.99, 100})
  void a_share_is_called_none_or_all_only_when_it_is(double percent) {
    assertThat(Figures.percent(percent).equals("0%")).isEqualTo(percent == 0);
    assertThat(Figures.percent(percent).equals("100%")).isEqualTo(percent == 100);
  }

  @Test
  void figures_have_few_digits() {
    assertThat(List.of(Figures.rate(0), Figures.rate(0.04), Figures.rate(9.96)))
        .containsExactly("0/s", "<0.1/s", "10/s");
    assertThat(List.of(Figures.rate(1234), Figures.rate(45_600), Figures.rate(2_300_000)))
        .containsExactly("1.2k/s", "46k/s", "2.3M/s");
    assertThat(List.of(Figures.latency(0.0004), Figures.latency(0.85), Figures.latency(1250)))
        .containsExactly("1 µs", "850 µs", "1.3 s");
  }

  private static Document parsed(String svg) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    return factory
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
  }

  private static void golden(String name, String actual) throws Exception {
    String folder = "dev/meshctl/model/topology/render/golden/";
    if ("write".equals(System.getProperty("meshctl.golden"))) {
      Path file =
          Judges.root().resolve("core-model/model/src/test/resources").resolve(folder + name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, actual);
    }
    try (InputStream expected =
        GraphRenderersTest.class.getClassLoader().getResourceAsStream(folder + name)) {
      assertThat(expected).as("golden file " + name).isNotNull();
      assertThat(actual).isEqualTo(new String(expected.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
