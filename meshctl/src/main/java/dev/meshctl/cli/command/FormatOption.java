package dev.meshctl.cli.command;

import dev.meshctl.cli.render.Format;
import picocli.CommandLine.Option;

/** {@code -o text|json|yaml}. */
public final class FormatOption {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Format format = Format.text;

  public Format format() {
    return format;
  }
}
