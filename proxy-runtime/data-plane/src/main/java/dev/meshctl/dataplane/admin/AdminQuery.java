package dev.meshctl.dataplane.admin;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The query of an admin request.
 *
 * @param accept the {@code Accept} header, may be empty
 */
record AdminQuery(Map<String, String> parameters, String accept) {
  static AdminQuery of(@Nullable String raw, String accept) {
    Map<String, String> parameters = new LinkedHashMap<>();
    if (raw != null) {
      for (String pair : raw.split("&")) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        parameters.put(decoded(name), equals < 0 ? "" : decoded(pair.substring(equals + 1)));
      }
    }
    return new AdminQuery(parameters, accept);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  boolean has(String name) {
    return parameters.containsKey(name);
  }

  boolean isJson() {
    return "json".equals(parameters.get("format"));
  }

  /**
   * A filter by the regular expression in parameter {@code name}; all pass where it is absent.
   *
   * @throws IllegalArgumentException where it is none
   */
  Predicate<String> filter(String name) {
    Optional<String> regex = Optional.ofNullable(parameters.get(name)).filter(r -> !r.isEmpty());
    try {
      return regex
          .map(Pattern::compile)
          .<Predicate<String>>map(pattern -> text -> pattern.matcher(text).find())
          .orElse(text -> true);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "%s: %s (expected: RE2 syntax: %s)".formatted(name, regex, e.getDescription()), e);
    }
  }
}
