package dev.meshctl.model.source.yaml;

import dev.meshctl.model.source.Position;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.DiagnosticCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.ComposerException;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * The documents of a text as nodes: aliases and merge keys resolved, every node with its marks.
 * Empty documents are left out. After a syntax error the documents before it are still there.
 *
 * @param roots one a document
 * @param diagnostics at most one: where the text stops being YAML
 */
public record YamlDocuments(List<Node> roots, List<Diagnostic> diagnostics) {
  private static final int MAX_DEPTH = 100;
  private static final int MAX_ALIASES = 1_000;
  private static final int MAX_CODE_POINTS = 32 << 20;

  public YamlDocuments {
    roots = List.copyOf(roots);
    diagnostics = List.copyOf(diagnostics);
  }

  /** Reads a text; {@code sourceName} names it in positions. */
  public static YamlDocuments of(String sourceName, String text) {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(sourceName)
            .setSchema(new CoreSchema())
            .setAllowDuplicateKeys(true)
            .setMaxAliasesForCollections(MAX_ALIASES)
            .setCodePointLimit(MAX_CODE_POINTS)
            .build();
    List<Node> roots = new ArrayList<>();
    try {
      Composer composer = new ShallowComposer(settings, text);
      while (composer.hasNext()) {
        Node root = composer.next();
        if (!root.getTag().equals(Tag.NULL)) {
          roots.add(root);
        }
      }
      return new YamlDocuments(roots, List.of());
    } catch (ReaderException unreadable) {
      return new YamlDocuments(
          roots,
          List.of(
              syntaxError(
                  sourceName,
                  positionOf(sourceName, text, unreadable.getPosition()),
                  "the character U+%04X is not allowed in YAML"
                      .formatted(unreadable.getCodePoint()))));
    } catch (MarkedYamlEngineException malformed) {
      Position position =
          malformed
              .getProblemMark()
              .or(malformed::getContextMark)
              .map(mark -> at(sourceName, mark))
              .orElse(new Position(sourceName, 1, 1));
      String context = malformed.getContext() == null ? "" : malformed.getContext();
      String problem = malformed.getProblem() == null ? "" : malformed.getProblem();
      String joined = problem.isEmpty() ? context : problem;
      if (!context.isEmpty() && !problem.isEmpty()) {
        joined = context + ", " + problem;
      }
      return new YamlDocuments(roots, List.of(syntaxError(sourceName, position, joined.strip())));
    } catch (YamlEngineException refused) {
      String reason = String.valueOf(refused.getMessage());
      return new YamlDocuments(
          roots, List.of(syntaxError(sourceName, new Position(sourceName, 1, 1), reason)));
    }
  }

  /** Where a node begins. */
  public static Position at(String sourceName, Node node) {
    return node.getStartMark()
        .map(mark -> at(sourceName, mark))
        .orElseGet(() -> new Position(sourceName, 1, 1));
  }

  private static Position at(String sourceName, Mark mark) {
    return new Position(sourceName, mark.getLine() + 1, mark.getColumn() + 1);
  }

  private static Diagnostic syntaxError(String sourceName, Position position, String problem) {
    return DiagnosticCode.UNPARSABLE_YAML.at(sourceName, position, "", problem);
  }

  private static Position positionOf(String sourceName, String text, int codePoints) {
    int end =
        text.offsetByCodePoints(0, Math.min(codePoints, text.codePointCount(0, text.length())));
    int lineStart = text.lastIndexOf('\n', end - 1) + 1;
    int line = (int) text.substring(0, end).chars().filter(c -> c == '\n').count() + 1;
    return new Position(sourceName, line, text.codePointCount(lineStart, end) + 1);
  }

  /** Refuses nesting that would exhaust the stack. */
  private static final class ShallowComposer extends Composer {
    private int depth;

    ShallowComposer(LoadSettings settings, String text) {
      super(settings, new ParserImpl(settings, new StreamReader(settings, text)));
    }

    @Override
    protected SequenceNode composeSequenceNode(Optional<Anchor> anchor) {
      enter();
      try {
        return super.composeSequenceNode(anchor);
      } finally {
        depth--;
      }
    }

    @Override
    protected Node composeMappingNode(Optional<Anchor> anchor) {
      enter();
      try {
        return super.composeMappingNode(anchor);
      } finally {
        depth--;
      }
    }

    private void enter() {
      depth++;
      if (depth > MAX_DEPTH) {
        throw new ComposerException(
            "nested deeper than " + MAX_DEPTH + " levels", parser.peekEvent().getStartMark());
      }
    }
  }
}
