package dev.meshctl.console.fx;

import atlantafx.base.theme.PrimerDark;
import atlantafx.base.theme.PrimerLight;
import java.util.Objects;
import javafx.application.Application;

/** Light and dark: the controls' style sheet, and the colours of what GraphStream draws. */
public enum Theme {
  LIGHT("#ffffff", "#0969da", "#bf8700", "#cf222e", "#a8b1bb"),
  DARK("#0d1117", "#1f6feb", "#d29922", "#f85149", "#4b5563");

  private final String background;
  private final String healthy;
  private final String warning;
  private final String failing;
  private final String idle;

  Theme(String background, String healthy, String warning, String failing, String idle) {
    this.background = background;
    this.healthy = healthy;
    this.warning = warning;
    this.failing = failing;
    this.idle = idle;
  }

  /** Dresses every control of the application. Thread: JavaFX. */
  public void dress() {
    Application.setUserAgentStylesheet(
        switch (this) {
          case LIGHT -> new PrimerLight().getUserAgentStylesheet();
          case DARK -> new PrimerDark().getUserAgentStylesheet();
        });
  }

  public Theme other() {
    return this == LIGHT ? DARK : LIGHT;
  }

  /** Our own rules, which name AtlantaFX's colours, so one sheet does for both. */
  public static String sheet() {
    return Objects.requireNonNull(
            Theme.class.getResource("/dev/meshctl/console/console.css"), "console.css")
        .toExternalForm();
  }

  /** GraphStream's style sheet; its CSS has no variables. */
  public String graphSheet() {
    return """
    graph { fill-color: %s; padding: 40px; }
    node { size: 1px; fill-color: %s; text-mode: hidden; z-index: 3; }
    edge { shape: polyline; arrow-shape: none; fill-color: %s; size: 2px; z-index: 1; }
    edge.warn { fill-color: %s; }
    edge.bad { fill-color: %s; }
    edge.idle { fill-color: %s; size: 1px; }
    edge.selected { size: 5px; z-index: 2; }
    """
        .formatted(background, background, healthy, warning, failing, idle);
  }
}
