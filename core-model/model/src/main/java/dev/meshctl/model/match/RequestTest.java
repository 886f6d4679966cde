package dev.meshctl.model.match;

import dev.meshctl.model.xds.route.QueryMatch;
import dev.meshctl.model.xds.route.RouteMatch;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/**
 * All conditions of a route but its path: headers, then query parameters, each cheapest first.
 *
 * <p>Of several query parameters of one name the first counts, as it stands on the wire.
 */
final class RequestTest {
  private static final int MILLION = 1_000_000;
  private static final String GRPC = "application/grpc";

  private record QueryTest(byte[] name, ValueTest value) {}

  private final HeaderTest[] headers;
  private final QueryTest[] query;
  private final boolean grpc;

  /** Of a million requests. */
  private final int share;

  private RequestTest(HeaderTest[] headers, QueryTest[] query, boolean grpc, int share) {
    this.headers = headers;
    this.query = query;
    this.grpc = grpc;
    this.share = share;
  }

  /**
   * @throws com.google.re2j.PatternSyntaxException where a regex is none of RE2
   */
  static RequestTest compile(RouteMatch match) {
    HeaderTest[] headers =
        match.headers().stream().map(HeaderTest::compile).toArray(HeaderTest[]::new);
    QueryTest[] query = match.query().stream().map(RequestTest::compile).toArray(QueryTest[]::new);
    Arrays.sort(headers, Comparator.comparingInt(test -> test.value().cost()));
    Arrays.sort(query, Comparator.comparingInt(test -> test.value().cost()));
    int share =
        match.percentage().isPresent()
            ? (int) Math.round(match.percentage().get() * (MILLION / 100))
            : MILLION;
    return new RequestTest(headers, query, match.grpc(), share);
  }

  private static QueryTest compile(QueryMatch match) {
    return new QueryTest(
        match.name().getBytes(StandardCharsets.ISO_8859_1), ValueTest.compile(match.value()));
  }

  /** Nothing but the path decides. */
  boolean isEmpty() {
    return headers.length == 0 && query.length == 0 && !grpc && share >= MILLION;
  }

  private static boolean isGrpc(RequestView request) {
    Bytes type = request.header("content-type");
    return type != null
        && type.length() >= GRPC.length()
        && CharSequence.compare(type.subSequence(0, GRPC.length()), GRPC) == 0
        && (type.length() == GRPC.length() || type.charAt(GRPC.length()) == '+');
  }

  boolean matches(RequestView request) {
    if (share < MILLION && request.lot() >= share) {
      return false;
    }
    if (grpc && !isGrpc(request)) {
      return false;
    }
    for (HeaderTest test : headers) {
      if (!test.matches(request)) {
        return false;
      }
    }
    for (QueryTest test : query) {
      if (!matches(test, request.path())) {
        return false;
      }
    }
    return true;
  }

  private static boolean matches(QueryTest test, Bytes path) {
    byte[] array = path.array();
    int end = path.offset() + path.length();
    int at = path.offset();
    while (at < end && array[at] != '?' && array[at] != '#') {
      at++;
    }
    if (at == end || array[at] == '#') {
      return false;
    }
    while (at < end && array[at] != '#') {
      int name = ++at;
      while (at < end && array[at] != '&' && array[at] != '=' && array[at] != '#') {
        at++;
      }
      boolean named = Arrays.equals(array, name, at, test.name(), 0, test.name().length);
      int value = at < end && array[at] == '=' ? at + 1 : at;
      while (at < end && array[at] != '&' && array[at] != '#') {
        at++;
      }
      if (named) {
        return test.value().test(array, value, at - value);
      }
    }
    return false;
  }
}
