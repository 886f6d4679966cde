package dev.meshctl.model.match;

import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.PathRewrite;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A compiled {@link PathRewrite}: writes the new path; the query stays.
 *
 * <p>A prefix is replaced as it stands (Envoy's {@code prefix_rewrite}), except that one which
 * matches whole path elements keeps the elements apart: {@code /a} to {@code /} makes {@code /b} of
 * {@code /a/b}, as the Gateway API has it.
 *
 * <p>Thread: any.
 */
public final class PathChange {
  private static final int WHOLE_PATH = -1;

  private final byte[] replacement;

  /** Bytes of the path that the replacement stands for. */
  private final int replaced;

  private final boolean byElements;
  private final @Nullable Substitution substitution;

  private PathChange(byte[] replacement, int replaced, boolean byElements) {
    this.replacement = replacement;
    this.replaced = replaced;
    this.byElements = byElements;
    this.substitution = null;
  }

  private PathChange(Substitution substitution) {
    this.replacement = new byte[0];
    this.replaced = WHOLE_PATH;
    this.byElements = false;
    this.substitution = substitution;
  }

  static PathChange compile(PathRewrite rewrite, PathMatch match) {
    return switch (rewrite) {
      case PathRewrite.Full full -> new PathChange(latin(full.path()), WHOLE_PATH, false);
      case PathRewrite.Regex(var pattern, var text) ->
          new PathChange(new Substitution(pattern, text));
      case PathRewrite.Prefix prefix ->
          switch (match) {
            case PathMatch.Prefix by ->
                new PathChange(latin(prefix.replacement()), by.prefix().length(), false);
            case PathMatch.PathSeparatedPrefix by -> elements(prefix.replacement(), by.prefix());
            case PathMatch.Exact by -> whole(prefix);
            case PathMatch.Regex by -> whole(prefix);
            case PathMatch.Connect by -> whole(prefix);
          };
    };
  }

  private static PathChange whole(PathRewrite.Prefix prefix) {
    return new PathChange(latin(prefix.replacement()), WHOLE_PATH, false);
  }

  private static PathChange elements(String replacement, String prefix) {
    return new PathChange(
        latin(withoutFinalSlash(replacement)), withoutFinalSlash(prefix).length(), true);
  }

  private static String withoutFinalSlash(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** An upper bound of what {@link #write} writes for {@code path}, in bytes. */
  public int maxLength(Bytes path) {
    return substitution == null
        ? replacement.length + path.length() + 1
        : substituted(substitution, path).length();
  }

  /**
   * Writes the changed path.
   *
   * @param path borrowed, one that the route has matched; not inside {@code target}
   * @return the offset after the last byte written
   */
  public int write(Bytes path, byte[] target, int offset) {
    if (substitution != null) {
      byte[] text = latin(substituted(substitution, path));
      System.arraycopy(text, 0, target, offset, text.length);
      return offset + text.length;
    }
    int pathLength = RouteIndex.lengthOfPath(path);
    int from = replaced == WHOLE_PATH ? pathLength : Math.min(replaced, pathLength);
    System.arraycopy(replacement, 0, target, offset, replacement.length);
    int at = offset + replacement.length;
    if (byElements && from == pathLength && replacement.length == 0) {
      target[at++] = '/';
    }
    int rest = path.length() - from;
    System.arraycopy(path.array(), path.offset() + from, target, at, rest);
    return at + rest;
  }

  private static String substituted(Substitution substitution, Bytes path) {
    int length = RouteIndex.lengthOfPath(path);
    return substitution.apply(path.subSequence(0, length))
        + path.subSequence(length, path.length());
  }

  /** The changed path as text. */
  public String apply(Bytes path) {
    if (substitution != null) {
      return substituted(substitution, path);
    }
    byte[] target = new byte[maxLength(path)];
    return new String(target, 0, write(path, target, 0), StandardCharsets.ISO_8859_1);
  }
}
