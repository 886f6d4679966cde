package dev.meshctl.app.patch;

import java.time.Duration;
import java.util.Optional;

/** What a supervisor tells a runtime: one line each; see {@code docs/adr/0019}. */
public sealed interface Told {
  /** The process of this generation runs. */
  record Started(long generation) implements Told {}

  /** It accepts. */
  record Ready(long generation) implements Told {}

  /**
   * It never served.
   *
   * @param bytes the most memory of both; 0 where not measured
   */
  record Failed(long generation, long bytes, String why) implements Told {}

  /** It served, and is gone. */
  record RolledBack(long generation, long bytes, String why) implements Told {}

  /** Take nothing new. */
  record Retire(Duration drain) implements Told {}

  /** Everything is yours again. */
  record Resume() implements Told {}

  /** End, once what is open has ended. */
  record Leave() implements Told {}

  /** You are the last good one. */
  record Settled(long generation, long bytes) implements Told {}

  /** Nothing more: the line has ended, and not by us. */
  record Gone() implements Told {}

  /** Empty where a newer supervisor says what we do not know. */
  static Optional<Told> of(String line) {
    String[] words = line.split(" ", 4);
    try {
      return switch (words[0]) {
        case "started" -> Optional.of(new Started(Long.parseLong(words[1])));
        case "ready" -> Optional.of(new Ready(Long.parseLong(words[1])));
        case "failed" ->
            Optional.of(new Failed(Long.parseLong(words[1]), Long.parseLong(words[2]), words[3]));
        case "rolledback" ->
            Optional.of(
                new RolledBack(Long.parseLong(words[1]), Long.parseLong(words[2]), words[3]));
        case "retire" -> Optional.of(new Retire(Duration.ofMillis(Long.parseLong(words[1]))));
        case "resume" -> Optional.of(new Resume());
        case "leave" -> Optional.of(new Leave());
        case "settled" ->
            Optional.of(new Settled(Long.parseLong(words[1]), Long.parseLong(words[2])));
        default -> Optional.empty();
      };
    } catch (IllegalArgumentException | IndexOutOfBoundsException malformed) {
      return Optional.empty();
    }
  }
}
