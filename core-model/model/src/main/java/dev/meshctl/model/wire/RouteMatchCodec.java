package dev.meshctl.model.wire;

import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.QueryMatch;
import dev.meshctl.model.xds.route.RouteMatch;
import dev.meshctl.model.xds.route.ValueMatch;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
          "query_parameters",
          "grpc",
          "runtime_fraction");
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
      case PathMatch.Regex(var pattern) -> message.setSafeRegex(ValueMatchCodec.regex(pattern));
      case PathMatch.Connect() -> message.getConnectMatcherBuilder();
    }
    if (match.ignoreCase()) {
      message.setCaseSensitive(Packing.FALSE);
    }
    if (match.grpc()) {
      message.getGrpcBuilder();
    }
    match
        .percentage()
        .ifPresent(percentage ->
            message.getRuntimeFractionBuilder().setDefaultValue(FaultCodec.percent(percentage)));
    for (HeaderMatch header : match.headers()) {
      message.addHeaders(ValueMatchCodec.encode(header));
    }
    for (QueryMatch query : match.query()) {
      QueryParameterMatcher.Builder encoded =
          message.addQueryParametersBuilder().setName(query.name());
      if (query.value() instanceof ValueMatch.Present) {
        encoded.setPresentMatch(true);
      } else {
        encoded.setStringMatch(ValueMatchCodec.encode(query.value()));
      }
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
      headers.add(
          ValueMatchCodec.header(reading, path + ".headers[" + i + "]", message.getHeaders(i)));
    }
    List<QueryMatch> query = new ArrayList<>();
    for (int i = 0; i < message.getQueryParametersCount(); i++) {
      query.add(
          query(reading, path + ".query_parameters[" + i + "]", message.getQueryParameters(i)));
    }
    boolean ignoreCase = message.hasCaseSensitive() && !message.getCaseSensitive().getValue();
    return new RouteMatch(
        pathMatch,
        ignoreCase,
        headers,
        query,
        message.hasGrpc(),
        message.hasRuntimeFraction()
            ? Optional.of(FaultCodec.percent(message.getRuntimeFraction().getDefaultValue()))
            : Optional.empty());
  }

  private static QueryMatch query(Reading reading, String path, QueryParameterMatcher message) {
    reading.expect(path, message, QUERY);
    ValueMatch value =
        switch (message.getQueryParameterMatchSpecifierCase()) {
          case STRING_MATCH ->
              ValueMatchCodec.decode(reading, path + ".string_match", message.getStringMatch());
          case PRESENT_MATCH, QUERYPARAMETERMATCHSPECIFIER_NOT_SET -> {
            if (message.hasPresentMatch() && !message.getPresentMatch()) {
              reading.refuse(path + ".present_match", "false (expected: true)");
            }
            yield new ValueMatch.Present();
          }
        };
    return new QueryMatch(message.getName(), value);
  }
}
