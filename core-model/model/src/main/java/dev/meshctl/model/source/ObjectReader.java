package dev.meshctl.model.source;

import dev.meshctl.model.source.kinds.ObjectParser;
import dev.meshctl.model.source.yaml.TreeNodes;
import dev.meshctl.model.source.yaml.TreeText;
import dev.meshctl.model.validation.Diagnostic;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Reads objects that an API server holds, by the same parsers as files.
 *
 * <p>The server has judged them by the schema of their kind. A field that is unknown here is one
 * that a newer schema has, so it is told as not applied and the rest of the object counts; but not
 * in a security policy, which without it may permit more than its author wrote.
 *
 * <p>Threads: any.
 */
public final class ObjectReader {
  private ObjectReader() {}

  /**
   * Reads one object.
   *
   * @param sourceName names it in positions, whose lines are those of {@code kubectl get -o yaml}
   */
  public static ParsedDocuments read(String sourceName, JsonNode tree) {
    ObjectParser parser = ObjectParser.ofServed(sourceName);
    parser.accept(TreeNodes.of(sourceName, tree));
    List<Diagnostic> diagnostics = new ArrayList<>(parser.diagnostics());
    diagnostics.sort(Diagnostic.BY_PLACE);
    return new ParsedDocuments(parser.resources(), diagnostics);
  }

  /** The YAML whose places {@link #read} tells. */
  public static String text(JsonNode tree) {
    return TreeText.of(tree);
  }
}
