package dev.meshctl.bundle;

import java.util.regex.Pattern;

/**
 * A version as people write it, ordered: numbers between dots by value, a missing one as 0; one
 * with a suffix ({@code 1.2.0-rc.1}) before the one without; suffixes part by part, numbers before
 * words. What follows a {@code +} names a build and orders nothing (Semantic Versioning 2.0.0, 11).
 */
public record BundleVersion(String text) implements Comparable<BundleVersion> {
  private static final Pattern SHAPE =
      Pattern.compile(
          "[0-9]{1,9}(\\.[0-9]{1,9}){0,3}(-[0-9A-Za-z.-]{1,64})?(\\+[0-9A-Za-z.-]{1,64})?");

  public BundleVersion {
    if (!SHAPE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "version: '" + text + "' (expected: numbers with dots, such as 1.4.0 or 1.5.0-rc.1)");
    }
  }

  @Override
  public int compareTo(BundleVersion other) {
    int byNumbers = compare(numbers(), other.numbers(), "0");
    if (byNumbers != 0) {
      return byNumbers;
    }
    if (suffix().isEmpty() || other.suffix().isEmpty()) {
      return Boolean.compare(suffix().isEmpty(), other.suffix().isEmpty());
    }
    return compare(suffix().split("\\."), other.suffix().split("\\."), "");
  }

  private String[] numbers() {
    return withoutBuild().split("-", 2)[0].split("\\.");
  }

  private String suffix() {
    String[] parts = withoutBuild().split("-", 2);
    return parts.length == 1 ? "" : parts[1];
  }

  private String withoutBuild() {
    return text.split("\\+", 2)[0];
  }

  private static int compare(String[] one, String[] other, String missing) {
    for (int i = 0; i < Math.max(one.length, other.length); i++) {
      int order = part(i < one.length ? one[i] : missing, i < other.length ? other[i] : missing);
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private static int part(String one, String other) {
    boolean numbers = isNumber(one) && isNumber(other);
    if (numbers) {
      String a = one.replaceFirst("^0+(?=.)", "");
      String b = other.replaceFirst("^0+(?=.)", "");
      return a.length() != b.length() ? a.length() - b.length() : a.compareTo(b);
    }
    if (isNumber(one) != isNumber(other) && !one.isEmpty() && !other.isEmpty()) {
      return isNumber(one) ? -1 : 1;
    }
    return one.compareTo(other);
  }

  private static boolean isNumber(String part) {
    return !part.isEmpty() && part.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  @Override
  public String toString() {
    return text;
  }
}
