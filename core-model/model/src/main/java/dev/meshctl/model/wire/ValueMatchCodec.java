package dev.meshctl.model.wire;

import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.ValueMatch;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.v3.Int64Range;

/** {@link ValueMatch} and {@link HeaderMatch} to and from {@code StringMatcher} and its kin. */
final class ValueMatchCodec {
  private static final KnownFields HEADER =
      KnownFields.of(
          HeaderMatcher.getDescriptor(),
          "name",
          "string_match",
          "present_match",
          "range_match",
          "exact_match",
          "prefix_match",
          "suffix_match",
          "contains_match",
          "safe_regex_match",
          "invert_match",
          "treat_missing_header_as_empty");

  private ValueMatchCodec() {}

  static RegexMatcher regex(String pattern) {
    return RegexMatcher.newBuilder().setRegex(pattern).build();
  }

  /**
   * The matcher of {@code value}.
   *
   * @throws IllegalArgumentException for presence and ranges, which no string match says
   */
  static StringMatcher encode(ValueMatch value) {
    StringMatcher.Builder message = StringMatcher.newBuilder();
    switch (value) {
      case ValueMatch.Exact(var text) -> message.setExact(text);
      case ValueMatch.Prefix(var text) -> message.setPrefix(text);
      case ValueMatch.Suffix(var text) -> message.setSuffix(text);
      case ValueMatch.Contains(var text) -> message.setContains(text);
      case ValueMatch.Regex(var pattern) -> message.setSafeRegex(regex(pattern));
      case ValueMatch.IgnoringCase(var of) -> message.mergeFrom(encode(of)).setIgnoreCase(true);
      case ValueMatch.Present() ->
          throw new IllegalArgumentException("presence is not a string match");
      case ValueMatch.Range range ->
          throw new IllegalArgumentException("a range is not a string match");
    }
    return message.build();
  }

  static HeaderMatcher encode(HeaderMatch header) {
    HeaderMatcher.Builder message =
        HeaderMatcher.newBuilder()
            .setName(header.name())
            .setInvertMatch(header.invert())
            .setTreatMissingHeaderAsEmpty(header.missingIsEmpty());
    switch (header.value()) {
      case ValueMatch.Present() -> message.setPresentMatch(true);
      case ValueMatch.Range(long first, long end) ->
          message.setRangeMatch(Int64Range.newBuilder().setStart(first).setEnd(end));
      case ValueMatch.Exact text -> message.setStringMatch(encode(text));
      case ValueMatch.Prefix text -> message.setStringMatch(encode(text));
      case ValueMatch.Suffix text -> message.setStringMatch(encode(text));
      case ValueMatch.Contains text -> message.setStringMatch(encode(text));
      case ValueMatch.Regex text -> message.setStringMatch(encode(text));
      case ValueMatch.IgnoringCase text -> message.setStringMatch(encode(text));
    }
    return message.build();
  }

  static HeaderMatch header(Reading reading, String path, HeaderMatcher message) {
    reading.expect(path, message, HEADER);
    boolean invert = message.getInvertMatch();
    ValueMatch value =
        switch (message.getHeaderMatchSpecifierCase()) {
          case STRING_MATCH -> decode(reading, path + ".string_match", message.getStringMatch());
          case PRESENT_MATCH -> {
            invert ^= !message.getPresentMatch();
            yield new ValueMatch.Present();
          }
          case EXACT_MATCH -> new ValueMatch.Exact(message.getExactMatch());
          case PREFIX_MATCH -> new ValueMatch.Prefix(message.getPrefixMatch());
          case SUFFIX_MATCH -> new ValueMatch.Suffix(message.getSuffixMatch());
          case CONTAINS_MATCH -> new ValueMatch.Contains(message.getContainsMatch());
          case SAFE_REGEX_MATCH -> new ValueMatch.Regex(message.getSafeRegexMatch().getRegex());
          case RANGE_MATCH ->
              new ValueMatch.Range(
                  message.getRangeMatch().getStart(), message.getRangeMatch().getEnd());
          // Nothing set means presence (proto comment).
          case HEADERMATCHSPECIFIER_NOT_SET -> new ValueMatch.Present();
        };
    return new HeaderMatch(
        message.getName(), value, invert, message.getTreatMissingHeaderAsEmpty());
  }

  static ValueMatch decode(Reading reading, String path, StringMatcher message) {
    ValueMatch value =
        switch (message.getMatchPatternCase()) {
          case EXACT -> new ValueMatch.Exact(message.getExact());
          case PREFIX -> new ValueMatch.Prefix(message.getPrefix());
          case SUFFIX -> new ValueMatch.Suffix(message.getSuffix());
          case CONTAINS -> new ValueMatch.Contains(message.getContains());
          case SAFE_REGEX -> new ValueMatch.Regex(message.getSafeRegex().getRegex());
          case CUSTOM, MATCHPATTERN_NOT_SET -> {
            reading.refuse(
                path,
                message.getMatchPatternCase()
                    + " (expected: exact, prefix, suffix, contains or safe_regex)");
            yield new ValueMatch.Exact("");
          }
        };
    // "No effect for the safe_regex match" (proto comment).
    return message.getIgnoreCase() && !message.hasSafeRegex()
        ? new ValueMatch.IgnoringCase(value)
        : value;
  }
}
