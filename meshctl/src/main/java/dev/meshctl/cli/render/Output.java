package dev.meshctl.cli.render;

import dev.meshctl.model.query.QueryJson;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/**
 * Where a command writes: what was asked for goes to {@code out}, everything said about it
 * (progress, hints, failures) to {@code err}, so that a pipe holds answers only.
 */
public final class Output {
  private final PrintStream out;
  private final PrintStream err;
  private final Screen screen;

  public Output(PrintStream out, PrintStream err, Screen screen) {
    this.out = out;
    this.err = err;
    this.screen = screen;
  }

  /** The process's own streams, in UTF-8. */
  public static Output ofProcess(Screen screen) {
    return new Output(
        new PrintStream(
            new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8),
        new PrintStream(
            new java.io.FileOutputStream(java.io.FileDescriptor.err), true, StandardCharsets.UTF_8),
        screen);
  }

  public PrintStream out() {
    return out;
  }

  public PrintStream err() {
    return err;
  }

  public Screen screen() {
    return screen;
  }

  /** A line of the answer. */
  public void line(String text) {
    out.println(text);
  }

  /** A line about the answer. */
  public void note(String text) {
    err.println(text);
  }

  public void table(Table table) {
    for (String line : table.lines(screen)) {
      out.println(line);
    }
  }

  /** The answer as one value; {@code text} must have been dealt with by the caller. */
  public void value(Object value, Format format) {
    switch (format) {
      case json -> out.println(json(value));
      case yaml -> out.print(yaml(value));
      case text -> throw new IllegalArgumentException("text has no general form");
    }
  }

  /** One line of JSON, for streams of values. */
  public void jsonLine(Object value) {
    out.println(QueryJson.mapper().writeValueAsString(value));
    out.flush();
  }

  public String paint(Style style, String text) {
    return screen.colour() ? style.paint(text) : text;
  }

  /** As {@link #paint}, for what goes to {@code err}. */
  public String paintNote(Style style, String text) {
    return screen.noteColour() ? style.paint(text) : text;
  }

  public static String json(Object value) {
    JsonMapper mapper = QueryJson.mapper();
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(value);
  }

  public static String yaml(Object value) {
    return YAMLMapper.builder()
        .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
        .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
        .build()
        .writeValueAsString(value);
  }

  /** Items as people list them: {@code a, b and c}. */
  public static String list(List<String> items) {
    return switch (items.size()) {
      case 0 -> "none";
      case 1 -> items.getFirst();
      default -> String.join(", ", items.subList(0, items.size() - 1)) + " and " + items.getLast();
    };
  }
}
