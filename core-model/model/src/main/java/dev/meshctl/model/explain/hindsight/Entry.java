package dev.meshctl.model.explain.hindsight;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Optional;

/**
 * A logged request, and who logged it.
 *
 * @param logger empty where nothing tells
 */
public record Entry(Optional<Logger> logger, Side side, LoggedRequest logged) {

  /** On which side of the request a proxy stood. */
  public enum Side {
    /** Of the client. */
    CALLING,
    /** Of the server. */
    CALLED,
    /** A gateway, whose client is outside. */
    GATEWAY;

    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Whose proxy wrote it: a replica, or a gateway. */
  public record Logger(String namespace, String name, boolean gateway) {
    /** As {@code explain} takes it. */
    String question() {
      return namespace.isEmpty() ? name : namespace + "/" + name;
    }
  }

  /** The name of who logged it; {@code somebody} where nothing tells. */
  public String who() {
    return logger.map(Logger::name).orElse("somebody");
  }
}
