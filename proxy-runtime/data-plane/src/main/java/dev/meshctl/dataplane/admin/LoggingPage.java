package dev.meshctl.dataplane.admin;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/** {@code /logging}: levels by Envoy's names, over the JDK's loggers. */
final class LoggingPage {
  /** Everything of ours. */
  private static final String ROOT = "dev.meshctl";

  /** Loggers whose level was set here; the JDK forgets those that nobody holds. */
  private static final Map<String, Logger> HELD = new LinkedHashMap<>();

  private LoggingPage() {}

  static synchronized AdminReply answer(AdminQuery query) {
    query
        .parameters()
        .forEach((name, value) -> {
          switch (name) {
            case "level" -> setAll(value);
            case "paths" -> {
              for (String pair : value.split(",")) {
                int colon = pair.indexOf(':');
                if (colon < 1) {
                  throw new IllegalArgumentException(
                      "paths: %s (expected: LOGGER:LEVEL)".formatted(pair));
                }
                set(pair.substring(0, colon), pair.substring(colon + 1));
              }
            }
            case "" -> {}
            default -> set(name, value);
          }
        });
    return AdminReply.text(200, levels());
  }

  /** Those below follow again. */
  private static void setAll(String level) {
    HELD.values().forEach(logger -> logger.setLevel(null));
    set(ROOT, level);
  }

  private static void set(String name, String level) {
    Level wanted = level(level);
    if (!known(name)) {
      throw new IllegalArgumentException(
          "error: unknown logger name: %s (expected: one that POST /logging lists, or what it begins with)"
              .formatted(name));
    }
    Logger logger = HELD.computeIfAbsent(name, Logger::getLogger);
    logger.setLevel(wanted);
    for (var handler : Logger.getLogger("").getHandlers()) {
      if (handler.getLevel().intValue() > wanted.intValue()) {
        handler.setLevel(wanted);
      }
    }
  }

  /** A logger of ours, or a package with some. */
  private static boolean known(String name) {
    boolean[] found = {name.equals(ROOT)};
    LogManager.getLogManager()
        .getLoggerNames()
        .asIterator()
        .forEachRemaining(each -> found[0] |= each.equals(name) || each.startsWith(name + "."));
    return found[0];
  }

  private static Level level(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "trace" -> Level.FINEST;
      case "debug" -> Level.FINE;
      case "info" -> Level.INFO;
      case "warning", "warn" -> Level.WARNING;
      case "error", "critical" -> Level.SEVERE;
      case "off" -> Level.OFF;
      default ->
          throw new IllegalArgumentException(
              "error: unknown logger level: %s (expected: trace, debug, info, warning, error, critical or off)"
                  .formatted(name));
    };
  }

  private static String levels() {
    Map<String, String> levels = new TreeMap<>();
    LogManager.getLogManager()
        .getLoggerNames()
        .asIterator()
        .forEachRemaining(name -> {
          if (name.startsWith(ROOT)) {
            levels.put(name, effective(Logger.getLogger(name)));
          }
        });
    levels.put(ROOT, effective(Logger.getLogger(ROOT)));
    StringBuilder text = new StringBuilder("active loggers:\n");
    levels.forEach(
        (name, level) -> text.append("  ").append(name).append(": ").append(level).append('\n'));
    return text.toString();
  }

  private static String effective(Logger logger) {
    for (Logger at = logger; at != null; at = at.getParent()) {
      Level level = at.getLevel();
      if (level != null) {
        return named(level.intValue());
      }
    }
    return "info";
  }

  private static String named(int level) {
    if (level == Level.OFF.intValue()) {
      return "off";
    }
    if (level >= Level.SEVERE.intValue()) {
      return "error";
    }
    if (level >= Level.WARNING.intValue()) {
      return "warning";
    }
    if (level >= Level.INFO.intValue()) {
      return "info";
    }
    return level >= Level.FINE.intValue() ? "debug" : "trace";
  }
}
