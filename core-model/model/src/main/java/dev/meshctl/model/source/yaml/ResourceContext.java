package dev.meshctl.model.source.yaml;

import dev.meshctl.model.source.Position;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.DiagnosticCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * What is gathered while one resource is parsed: positions of the fields that were read, findings,
 * and the objects that were opened, so that {@link #finish} can tell which fields nobody read.
 */
public final class ResourceContext {
  private final String sourceName;
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final List<Finding> findings = new ArrayList<>();
  private final List<YamlObject> opened = new ArrayList<>();

  private final UnaryOperator<Position> places;

  public ResourceContext(String sourceName) {
    this(sourceName, UnaryOperator.identity());
  }

  /**
   * @param places where in the file a place of the text is
   */
  public ResourceContext(String sourceName, UnaryOperator<Position> places) {
    this.sourceName = sourceName;
    this.places = places;
  }

  private record Finding(
      DiagnosticCode code, Position position, String path, String problem, String fix) {}

  /** The object at the top, whose path is empty. */
  public YamlObject root(MappingNode node) {
    nodes.put("", node);
    return new YamlObject(this, node, "");
  }

  /** Positions by field path, as {@code Located} has them. */
  public Map<String, Position> fields() {
    Map<String, Position> fields = new LinkedHashMap<>();
    nodes.forEach((path, node) -> fields.put(path, at(node)));
    return fields;
  }

  /** Adds fields that nobody asked for; returns all findings, as those of a subject. */
  public List<Diagnostic> finish(String subject) {
    opened.forEach(YamlObject::reportUnread);
    opened.clear();
    return findings.stream()
        .map(f -> f.code().at(subject, f.position(), f.path(), f.problem(), f.fix()))
        .toList();
  }

  void opened(YamlObject object) {
    opened.add(object);
  }

  void read(String path, Node node) {
    nodes.putIfAbsent(path, node);
  }

  /** The value that was read at a path. */
  Optional<Node> nodeAt(String path) {
    return Optional.ofNullable(nodes.get(path));
  }

  void report(DiagnosticCode code, Node node, String path, String problem) {
    report(code, node, path, problem, code.fix());
  }

  void report(DiagnosticCode code, Node node, String path, String problem, String fix) {
    findings.add(new Finding(code, at(node), path, problem, fix));
  }

  private Position at(Node node) {
    return places.apply(YamlDocuments.at(sourceName, node));
  }
}
