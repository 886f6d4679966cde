package dev.meshctl.app;

import java.nio.file.Path;
import java.util.List;

/**
 * {@code -c FILE [--lenient] [--concurrency N] [--lifeline]}.
 *
 * @param lenient warn of what is not supported, instead of refusing it
 * @param concurrency event loops, at least 1
 * @param lifeline end when standard input does
 */
record StandaloneArguments(Path config, boolean lenient, int concurrency, boolean lifeline)
    implements Process.Lifeline {

  /**
   * @throws IllegalArgumentException where they are not these; the message says how to call
   */
  static StandaloneArguments parse(String main, List<String> words) {
    Path config = null;
    boolean lenient = false;
    boolean lifeline = false;
    int concurrency = Runtime.getRuntime().availableProcessors();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      boolean more = i + 1 < words.size();
      switch (word) {
        case "--lenient" -> lenient = true;
        case "--lifeline" -> lifeline = true;
        case "-c", "--config", "--config-path" -> {
          if (!more) {
            throw wrong(main, word + " needs a file");
          }
          config = Path.of(words.get(++i));
        }
        case "--concurrency" -> concurrency = more ? number(main, words.get(++i)) : 0;
        default -> throw wrong(main, "what is " + word + "?");
      }
    }
    if (config == null) {
      throw wrong(main, "-c is missing");
    }
    if (concurrency < 1) {
      throw wrong(main, "--concurrency: " + concurrency + " (expected: 1 or more)");
    }
    return new StandaloneArguments(config, lenient, concurrency, lifeline);
  }

  private static int number(String main, String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException notANumber) {
      throw wrong(main, "--concurrency: " + text + " (expected: 1 or more)");
    }
  }

  private static IllegalArgumentException wrong(String main, String problem) {
    return new IllegalArgumentException(
        main + ": " + problem + " (expected: -c FILE [--lenient] [--concurrency N] [--lifeline])");
  }
}
