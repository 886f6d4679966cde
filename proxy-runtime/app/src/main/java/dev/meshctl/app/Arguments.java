package dev.meshctl.app;

import java.nio.file.Path;
import java.util.List;

/**
 * {@code --config FILE [--lifeline]}.
 *
 * @param lifeline end when standard input does, so that a dead parent leaves nothing behind
 */
record Arguments(Path config, boolean lifeline) implements Process.Lifeline {

  /**
   * @throws IllegalArgumentException where they are not these; the message says how to call
   */
  static Arguments parse(String main, List<String> words) {
    Path config = null;
    boolean lifeline = false;
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.equals("--lifeline")) {
        lifeline = true;
      } else if (word.equals("--config") && i + 1 < words.size()) {
        config = Path.of(words.get(++i));
      } else {
        throw new IllegalArgumentException(usage(main, "what is " + word + "?"));
      }
    }
    if (config == null) {
      throw new IllegalArgumentException(usage(main, "--config is missing"));
    }
    return new Arguments(config, lifeline);
  }

  private static String usage(String main, String problem) {
    return main
        + ": "
        + problem
        + " (expected: --config FILE [--lifeline]; a proxy takes env:NAME too)";
  }
}
