package dev.meshctl.model.wire;

import dev.meshctl.model.xds.RouteTableConfig.HeaderMatch;
import dev.meshctl.model.xds.RouteTableConfig.PathMatch;
import dev.meshctl.model.xds.RouteTableConfig.QueryMatch;
import dev.meshctl.model.xds.RouteTableConfig.RouteMatch;
import dev.meshctl.model.xds.RouteTableConfig.ValueMatch;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.ArrayList;
import java.util.List;

/** {@link RouteMatch} to and from {@code RouteMatch}. */
final class RouteMatchCodec {
  private static final KnownFields MATCH =
      KnownFields.of(
          io.envoyproxy.envoy.config.route.v3.RouteMatch.getDescriptor(),
          "prefix",
          "path",
          "safe_regex",
          "connect_matcher",
          "path_separated_prefix",
          "case_sensitive",
          "headers",
          "query_parameters");
  private static final KnownFields HEADER =
      KnownFields.of(
          HeaderMatcher.getDescriptor(),
          "name",
          "string_match",
          "present_match",
          "exact_match",
          "prefix_match",
          "suffix_match",
          "contains_match",
          "safe_regex_match",
          "invert_match");
  private static final KnownFields QUERY =
      KnownFields.of(
          QueryParameterMatcher.getDescriptor(), "name", "string_match", "present_match");

  private RouteMatchCodec() {}

  static io.envoyproxy.envoy.config.route.v3.RouteMatch encode(RouteMatch match) {
    var message = io.envoyproxy.envoy.config.route.v3.RouteMatch.newBuilder();
    switch (match.path()) {
      case PathMatch.Prefix(var prefix) -> message.setPrefix(prefix);
      case PathMatch.Exact(var path) -> message.setPath(path);
      case PathMatch.PathSeparatedPrefix(var prefix) -> message.setPathSeparatedPrefix(prefix);
      case PathMatch.Regex(var pattern) -> message.setSafeRegex(regex(pattern));
      case PathMatch.Connect() -> message.getConnectMatcherBuilder();
    }
    if (match.ignoreCase()) {
      message.setCaseSensitive(Packing.FALSE);
    }
    for (HeaderMatch header : match.headers()) {
      HeaderMatcher.Builder encoded =
          message.addHeadersBuilder().setName(header.name()).setInvertMatch(header.invert());
      if (header.value() instanceof ValueMatch.Present) {
        encoded.setPresentMatch(true);
      } else {
        encoded.setStringMatch(encode(header.value()));
      }
    }
    for (QueryMatch query : match.query()) {
      QueryParameterMatcher.Builder encoded =
          message.addQueryParametersBuilder().setName(query.name());
      if (query.value() instanceof ValueMatch.Present) {
        encoded.setPresentMatch(true);
      } else {
        encoded.setStringMatch(encode(query.value()));
      }
    }
    return message.build();
  }

  private static RegexMatcher regex(String pattern) {
    return RegexMatcher.newBuilder().setRegex(pattern).build();
  }

  private static StringMatcher encode(ValueMatch value) {
    StringMatcher.Builder message = StringMatcher.newBuilder();
    switch (value) {
      case ValueMatch.Exact(var text) -> message.setExact(text);
      case ValueMatch.Prefix(var text) -> message.setPrefix(text);
      case ValueMatch.Suffix(var text) -> message.setSuffix(text);
      case ValueMatch.Contains(var text) -> message.setContains(text);
      case ValueMatch.Regex(var pattern) -> message.setSafeRegex(regex(pattern));
      case ValueMatch.Present() ->
          throw new IllegalArgumentException("presence is not a string match");
    }
    return message.build();
  }

  static RouteMatch decode(
      Reading reading, String path, io.envoyproxy.envoy.config.route.v3.RouteMatch message) {
    reading.expect(path, message, MATCH);
    PathMatch pathMatch =
        switch (message.getPathSpecifierCase()) {
          case PREFIX -> new PathMatch.Prefix(message.getPrefix());
          case PATH -> new PathMatch.Exact(message.getPath());
          case SAFE_REGEX -> new PathMatch.Regex(message.getSafeRegex().getRegex());
          case CONNECT_MATCHER -> new PathMatch.Connect();
          case PATH_SEPARATED_PREFIX ->
              new PathMatch.PathSeparatedPrefix(message.getPathSeparatedPrefix());
          case PATH_MATCH_POLICY, PATHSPECIFIER_NOT_SET -> {
            reading.refuse(
                path,
                message.getPathSpecifierCase()
                    + " (expected: prefix, path, safe_regex, path_separated_prefix or"
                    + " connect_matcher)");
            yield new PathMatch.Prefix("/");
          }
        };
    List<HeaderMatch> headers = new ArrayList<>();
    for (int i = 0; i < message.getHeadersCount(); i++) {
      headers.add(header(reading, path + ".headers[" + i + "]", message.getHeaders(i)));
    }
    List<QueryMatch> query = new ArrayList<>();
    for (int i = 0; i < message.getQueryParametersCount(); i++) {
      query.add(
          query(reading, path + ".query_parameters[" + i + "]", message.getQueryParameters(i)));
    }
    boolean ignoreCase = message.hasCaseSensitive() && !message.getCaseSensitive().getValue();
    return new RouteMatch(pathMatch, ignoreCase, headers, query);
  }

  private static HeaderMatch header(Reading reading, String path, HeaderMatcher message) {
    reading.expect(path, message, HEADER);
    boolean invert = message.getInvertMatch();
    ValueMatch value =
        switch (message.getHeaderMatchSpecifierCase()) {
          case STRING_MATCH -> value(reading, path + ".string_match", message.getStringMatch());
          case PRESENT_MATCH -> {
            invert ^= !message.getPresentMatch();
            yield new ValueMatch.Present();
          }
          case EXACT_MATCH -> new ValueMatch.Exact(message.getExactMatch());
          case PREFIX_MATCH -> new ValueMatch.Prefix(message.getPrefixMatch());
          case SUFFIX_MATCH -> new ValueMatch.Suffix(message.getSuffixMatch());
          case CONTAINS_MATCH -> new ValueMatch.Contains(message.getContainsMatch());
          case SAFE_REGEX_MATCH -> new ValueMatch.Regex(message.getSafeRegexMatch().getRegex());
          // range_match is refused by name; nothing set means presence (proto comment).
          case RANGE_MATCH, HEADERMATCHSPECIFIER_NOT_SET -> new ValueMatch.Present();
        };
    return new HeaderMatch(message.getName(), value, invert);
  }

  private static QueryMatch query(Reading reading, String path, QueryParameterMatcher message) {
    reading.expect(path, message, QUERY);
    ValueMatch value =
        switch (message.getQueryParameterMatchSpecifierCase()) {
          case STRING_MATCH -> value(reading, path + ".string_match", message.getStringMatch());
          case PRESENT_MATCH, QUERYPARAMETERMATCHSPECIFIER_NOT_SET -> {
            if (message.hasPresentMatch() && !message.getPresentMatch()) {
              reading.refuse(path + ".present_match", "false (expected: true)");
            }
            yield new ValueMatch.Present();
          }
        };
    return new QueryMatch(message.getName(), value);
  }

  private static ValueMatch value(Reading reading, String path, StringMatcher message) {
    if (message.getIgnoreCase()) {
      reading.refuse(path + ".ignore_case", "true (expected: false)");
    }
    return switch (message.getMatchPatternCase()) {
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
  }
}
