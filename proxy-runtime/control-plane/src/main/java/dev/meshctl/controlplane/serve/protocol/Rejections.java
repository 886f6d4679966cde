package dev.meshctl.controlplane.serve.protocol;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads which resources a NACK is about: xDS gives it as text only. */
final class Rejections {
  private Rejections() {}

  /**
   * Those of {@code sent} that {@code message} names; none where it says only that something was
   * wrong. A name counts only when whole: {@code 9080} is not meant by {@code
   * outbound|9080||reviews}.
   */
  static Set<String> named(String message, Collection<String> sent) {
    Set<String> named = new LinkedHashSet<>();
    for (String name : sent) {
      if (message.contains(name)
          && Pattern.compile("(?<![\\w.|*-])" + Pattern.quote(name) + "(?![\\w|*-]|\\.\\w)")
              .matcher(message)
              .find()) {
        named.add(name);
      }
    }
    return named;
  }
}
