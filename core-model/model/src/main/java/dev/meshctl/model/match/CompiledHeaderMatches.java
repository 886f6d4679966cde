package dev.meshctl.model.match;

import dev.meshctl.model.xds.route.HeaderMatch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compiled conditions on the headers of a message, any of which suffices.
 *
 * <p>Thread: any.
 */
public final class CompiledHeaderMatches {
  private final List<HeaderTest> tests;

  private CompiledHeaderMatches(List<HeaderTest> tests) {
    this.tests = tests;
  }

  /**
   * Compiles {@code matches}.
   *
   * @throws com.google.re2j.PatternSyntaxException where a regex is none of RE2
   */
  public static CompiledHeaderMatches compile(List<HeaderMatch> matches) {
    return new CompiledHeaderMatches(matches.stream().map(HeaderTest::compile).toList());
  }

  /** Where values come from. */
  public interface Source {
    /**
     * The value; null where absent.
     *
     * @param lowerCaseName may be a pseudo header such as {@code :status}
     */
    @Nullable Bytes header(String lowerCaseName);
  }

  public boolean isEmpty() {
    return tests.isEmpty();
  }

  /** One of them holds. */
  public boolean anyMatches(Source source) {
    for (int i = 0; i < tests.size(); i++) {
      HeaderTest test = tests.get(i);
      if (test.matches(source.header(test.name()))) {
        return true;
      }
    }
    return false;
  }
}
