package dev.meshctl.model.source;

import dev.meshctl.model.source.kinds.ObjectParser;
import dev.meshctl.model.source.yaml.YamlDocuments;
import dev.meshctl.model.validation.Diagnostic;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads documents of Kubernetes, Istio and Gateway API YAML.
 *
 * <p>Threads: any.
 */
public final class YamlReader {
  private YamlReader() {}

  /**
   * Reads every document of a text. What is wrong is reported; the rest is still read.
   *
   * @param sourceName names the text in positions
   */
  public static ParsedDocuments read(String sourceName, String text) {
    YamlDocuments documents = YamlDocuments.of(sourceName, text);
    ObjectParser parser = new ObjectParser(sourceName);
    documents.roots().forEach(parser::accept);
    List<Diagnostic> diagnostics = new ArrayList<>(parser.diagnostics());
    diagnostics.addAll(documents.diagnostics());
    diagnostics.sort(Diagnostic.BY_PLACE);
    return new ParsedDocuments(parser.resources(), diagnostics);
  }
}
