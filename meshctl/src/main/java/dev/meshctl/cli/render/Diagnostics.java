package dev.meshctl.cli.render;

import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.Diagnostic.Severity;
import java.util.List;

/** Findings as people read them: what and where on one line, what to do on the next. */
public final class Diagnostics {
  private Diagnostics() {}

  /** {@code MESH0112 VirtualService shop/cart (cart.yaml:18:15): spec…: -1 (expected: >= 0)}. */
  public static String finding(Diagnostic diagnostic) {
    String whole = diagnostic.toString();
    return diagnostic.fix().isEmpty()
        ? whole
        : whole.substring(0, whole.length() - diagnostic.fix().length() - 2);
  }

  /** Each finding, followed by an indented fix where there is one. */
  public static List<String> lines(List<Diagnostic> diagnostics) {
    return diagnostics.stream()
        .mapMulti((Diagnostic d, java.util.function.Consumer<String> lines) -> {
          lines.accept(finding(d));
          if (!d.fix().isEmpty()) {
            lines.accept("  fix: " + d.fix());
          }
        })
        .toList();
  }

  public static Style style(Severity severity) {
    return switch (severity) {
      case ERROR -> Style.BAD;
      case WARNING -> Style.CAREFUL;
      case INFO -> Style.QUIET;
    };
  }

  public static List<Diagnostic> onlyErrors(List<Diagnostic> diagnostics) {
    return diagnostics.stream().filter(d -> d.severity() == Severity.ERROR).toList();
  }

  public static long errors(List<Diagnostic> diagnostics) {
    return onlyErrors(diagnostics).size();
  }
}
