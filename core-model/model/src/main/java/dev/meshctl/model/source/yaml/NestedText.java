package dev.meshctl.model.source.yaml;

import dev.meshctl.model.source.Position;
import java.util.Optional;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * YAML within a text of YAML: places in the inner text as places in the file.
 *
 * <p>Threads: any; immutable.
 */
public final class NestedText {
  private final ScalarNode node;
  private final Position start;
  private final int indent;

  public NestedText(String sourceName, ScalarNode node) {
    this.node = node;
    this.start = YamlDocuments.at(sourceName, node);
    this.indent = node.getScalarStyle() == ScalarStyle.LITERAL ? indent(node.getStartMark()) : -1;
  }

  public String text() {
    return node.getValue();
  }

  /** Where a place of the inner text is: exact in a literal block, else where the text begins. */
  public Position inFile(Position inner) {
    return indent < 0
        ? start
        : new Position(
            start.source(), start.line() + inner.line(), inner.column() + Math.max(indent, 0));
  }

  /** Blanks before the first line after the mark that has something else. */
  private static int indent(Optional<Mark> mark) {
    if (mark.isEmpty()) {
      return -1;
    }
    int[] buffer = mark.get().getBuffer();
    int at = mark.get().getPointer();
    while (at < buffer.length && buffer[at] != '\n') {
      at++;
    }
    int blanks = 0;
    for (at++; at < buffer.length && (buffer[at] == ' ' || buffer[at] == '\n'); at++) {
      blanks = buffer[at] == '\n' ? 0 : blanks + 1;
    }
    return blanks;
  }
}
