package dev.meshctl.cluster.install;

import dev.meshctl.cluster.install.template.Template;
import dev.meshctl.cluster.install.template.TemplateParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** The one source of all that is installed, in the order in which it is. */
final class Manifests {
  private static final List<Manifest> ALL = read();

  private Manifests() {}

  /**
   * A file of it.
   *
   * @param name {@code rbac.yaml}
   * @param head what it says of itself, as lines of comment
   * @param inChart whether Helm installs it too
   */
  record Manifest(String name, String head, boolean inChart, List<Template.Document> documents) {
    Manifest {
      documents = List.copyOf(documents);
    }
  }

  static List<Manifest> all() {
    return ALL;
  }

  private static List<Manifest> read() {
    TemplateParser parser = new TemplateParser(Settings.all().keySet());
    parser.learn(Trees.parse(text("fragments.yaml")));
    return List.of(
        file(parser, "namespace.yaml", false),
        file(parser, "runtime-crd.yaml", true),
        new Manifest(
            "istio-crds.yaml",
            "# Kinds of Istio's that are read, with the least of a schema.\n",
            true,
            documents(parser, IstioKinds.templates())),
        file(parser, "rbac.yaml", true),
        file(parser, "people.yaml", true),
        file(parser, "mesh-config.yaml", true),
        file(parser, "control-plane.yaml", true),
        file(parser, "node-agent.yaml", true),
        file(parser, "webhooks.yaml", true));
  }

  private static Manifest file(TemplateParser parser, String name, boolean inChart) {
    String text = text(name);
    String head =
        text.lines()
            .takeWhile(line -> line.startsWith("#"))
            .map(line -> line + "\n")
            .collect(Collectors.joining());
    return new Manifest(name, head, inChart, documents(parser, Trees.documents(text)));
  }

  private static List<Template.Document> documents(TemplateParser parser, List<JsonNode> trees) {
    return trees.stream().map(parser::document).toList();
  }

  private static String text(String name) {
    try (InputStream in = Manifests.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
