package dev.meshctl.capture.node.rules;

import dev.meshctl.capture.node.Origin;
import java.util.List;
import java.util.Optional;

/**
 * All tests hold: the verdict follows.
 *
 * @param why in a few words, which the kernel keeps as a comment
 * @param origin empty where no Service made it
 */
public record Rule(List<Test> tests, Verdict verdict, String why, Optional<Origin> origin) {
  public Rule {
    tests = List.copyOf(tests);
  }
}
