package dev.meshctl.model.resource;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a user of a split is known by: the annotation {@value #ANNOTATION} of a VirtualService, as
 * {@code header:NAME} or {@code cookie:NAME}. A user stays on the version they got, as far as the
 * weights let them.
 */
public sealed interface StickyKey {
  String ANNOTATION = "meshctl.dev/sticky-split";

  /** The value of a request header, in lower case. */
  record Header(String name) implements StickyKey {}

  /** The value of a cookie, which is set where a request has none. */
  record Cookie(String name) implements StickyKey {}

  /** What {@link #ANNOTATION} says; empty where it is not there, or says nothing we know. */
  static Optional<StickyKey> of(Metadata metadata) {
    return Optional.ofNullable(metadata.annotations().get(ANNOTATION)).flatMap(StickyKey::parse);
  }

  /** Empty where {@code text} names no key. */
  static Optional<StickyKey> parse(String text) {
    Matcher matcher = Syntax.KEY.matcher(text.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String name = matcher.group(2);
    return Optional.of(
        matcher.group(1).equals("header")
            ? new Header(name.toLowerCase(Locale.ROOT))
            : new Cookie(name));
  }

  /** How a key is written: a token of RFC 9110 after its kind. */
  final class Syntax {
    private static final Pattern KEY =
        Pattern.compile("(header|cookie):\\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)");

    private Syntax() {}
  }
}
