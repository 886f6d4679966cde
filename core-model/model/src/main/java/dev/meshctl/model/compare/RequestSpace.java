package dev.meshctl.model.compare;

import dev.meshctl.model.compare.Dimension.Choice;
import dev.meshctl.model.compare.text.Cells.Pattern;
import dev.meshctl.model.compare.text.Expression;
import dev.meshctl.model.compare.text.Letters;
import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.QueryMatch;
import dev.meshctl.model.xds.route.RouteMatch;
import dev.meshctl.model.xds.route.ValueMatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The requests that conditions can tell apart, dimension by dimension.
 *
 * <p>Thread: one.
 */
final class RequestSpace {
  private static final Expression ANY = Expression.ANYTHING;
  private static final ValueMatch GRPC = new ValueMatch.Regex("application/grpc(\\+.*)?");
  private static final List<String> METHODS =
      List.of("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS");
  private static final Letters TOKEN =
      Letters.between('a', 'z')
          .or(Letters.between('A', 'Z'))
          .or(Letters.between('0', '9'))
          .or(Letters.of("-_.!*'"));
  private static final Letters IN_PATH = Letters.ALL.without(Letters.of(" ?#\"<>\\^`{|}"));
  private static final Letters IN_QUERY = IN_PATH.without(Letters.of("&=%+"));

  private final Map<String, Dimension> dimensions = new LinkedHashMap<>();
  private final Set<String> limits = new LinkedHashSet<>();
  private final List<String> authorities;
  private final List<String> schemes;

  /**
   * @param authorities that requests may have; the first stands for all where none is asked for
   * @param schemes likewise
   */
  RequestSpace(List<String> authorities, List<String> schemes) {
    this.authorities = List.copyOf(authorities);
    this.schemes = List.copyOf(schemes);
    // The path comes first: it decides most routes.
    path();
  }

  private Dimension path() {
    return dimensions.computeIfAbsent(
        "path",
        name ->
            new Dimension(
                name,
                IN_PATH,
                Expression.row(Expression.literal("/"), ANY),
                List.of("/", "/x", "/x/y"),
                false));
  }

  private Dimension given(String name, List<String> texts) {
    return dimensions.computeIfAbsent(
        name,
        key ->
            new Dimension(
                key,
                Letters.ALL,
                new Expression.Either(texts.stream().map(Expression::literal).toList()),
                texts,
                false));
  }

  private Dimension header(String name) {
    return switch (name) {
      case ":method" ->
          dimensions.computeIfAbsent(
              "method",
              key ->
                  new Dimension(
                      key,
                      TOKEN,
                      new Expression.Repeat(new Expression.Any(TOKEN), 1, Integer.MAX_VALUE),
                      METHODS,
                      false));
      case ":authority", "host" -> given("host", authorities);
      case ":scheme" -> given("scheme", schemes);
      default ->
          dimensions.computeIfAbsent(
              "header " + name,
              key -> new Dimension(key, Letters.ALL, trimmed(), List.of("x"), true));
    };
  }

  /** As values of headers are: without space around them. */
  private static Expression trimmed() {
    Expression.Any visible = new Expression.Any(Letters.ALL.without(Letters.of(" ")));
    return new Expression.Repeat(
        Expression.row(visible, new Expression.Repeat(Expression.row(ANY, visible), 0, 1)), 0, 1);
  }

  private Dimension query(String name) {
    return dimensions.computeIfAbsent(
        "query " + name, key -> new Dimension(key, IN_QUERY, ANY, List.of("x"), true));
  }

  /** All conditions of a route; a share of requests counts as all of them. */
  List<Condition> of(RouteMatch match) {
    List<Condition> all = new ArrayList<>();
    all.add(path(match.path(), match.ignoreCase()));
    match.headers().forEach(header -> all.add(of(header)));
    for (QueryMatch query : match.query()) {
      Dimension dimension = query(query.name());
      all.add(new Condition(dimension, dimension.add(Pattern.of(query.value())), false, false));
    }
    if (match.grpc()) {
      all.add(of(new HeaderMatch("content-type", GRPC, false)));
    }
    if (match.percentage().isPresent()) {
      limits.add("routes for a part of the requests are taken as if they were for all");
    }
    return all;
  }

  Condition of(HeaderMatch match) {
    String name = match.name().toLowerCase(Locale.ROOT);
    if (name.equals(":path")) {
      limits.add("conditions on :path with its query are not looked through");
    }
    Dimension dimension = header(name);
    Pattern pattern = Pattern.of(match.value());
    return new Condition(
        dimension,
        dimension.add(pattern),
        match.invert(),
        match.missingIsEmpty() && pattern.test().test(""));
  }

  Condition path(ValueMatch match) {
    return new Condition(path(), path().add(Pattern.of(match)), false, false);
  }

  private Condition path(PathMatch match, boolean anyCase) {
    Pattern pattern =
        switch (match) {
          case PathMatch.Exact(var path) -> cased(Expression.literal(path), anyCase);
          case PathMatch.Prefix(var prefix) ->
              cased(Expression.row(Expression.literal(prefix), ANY), anyCase);
          case PathMatch.PathSeparatedPrefix(var prefix) ->
              cased(
                  Expression.row(
                      Expression.literal(
                          prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix),
                      new Expression.Repeat(Expression.row(Expression.literal("/"), ANY), 0, 1)),
                  anyCase);
          case PathMatch.Regex(var regex) -> Pattern.of(new ValueMatch.Regex(regex));
          case PathMatch.Connect() -> {
            limits.add("CONNECT requests are not looked through");
            yield new Pattern(java.util.Optional.empty(), text -> false);
          }
        };
    return new Condition(path(), path().add(pattern), false, false);
  }

  private static Pattern cased(Expression expression, boolean anyCase) {
    return Pattern.of(anyCase ? expression.inAnyCase() : expression);
  }

  /** Paths are told apart by whether something in them is like {@code regex}, too. */
  void splitPathsBy(String regex) {
    path().add(Pattern.of(new ValueMatch.Regex("(?s).*(?:" + regex + ").*")));
  }

  Set<Dimension> all() {
    return new LinkedHashSet<>(dimensions.values());
  }

  Dimension paths() {
    return path();
  }

  void limit(String words) {
    limits.add(words);
  }

  /** What was not looked through whole. */
  Set<String> limits() {
    Set<String> all = new LinkedHashSet<>(limits);
    all.addAll(
        dimensions.values().stream()
            .filter(dimension -> !dimension.isWhole())
            .map(dimension ->
                "not every kind of "
                    + dimension.name()
                    + " was found: its expressions are too many, or not understood")
            .collect(Collectors.toCollection(LinkedHashSet::new)));
    return all;
  }

  /** Requests with these choices and nothing else of note: one for each text of the path. */
  List<Sample> samples(Map<Dimension, Choice> chosen) {
    String method = "GET";
    String scheme = schemes.getFirst();
    String authority = authorities.getFirst();
    Map<String, String> headers = new LinkedHashMap<>();
    List<String> query = new ArrayList<>();
    for (Map.Entry<Dimension, Choice> choice : chosen.entrySet()) {
      String name = choice.getKey().name();
      String text = choice.getValue().text().orElse("");
      boolean there = choice.getValue() instanceof Choice.Of;
      if (name.equals("method")) {
        method = text;
      } else if (name.equals("host")) {
        authority = text;
      } else if (name.equals("scheme")) {
        scheme = text;
      } else if (there && name.startsWith("header ")) {
        headers.put(name.substring("header ".length()), text);
      } else if (there && name.startsWith("query ")) {
        query.add(name.substring("query ".length()) + "=" + text);
      }
    }
    List<String> paths =
        chosen.get(path()) instanceof Choice.Of(var cell) ? cell.texts() : List.of("/");
    List<Sample> samples = new ArrayList<>();
    for (String path : paths) {
      String whole = query.isEmpty() ? path : path + "?" + String.join("&", query);
      samples.add(new Sample(method, scheme, authority, whole, headers));
    }
    return samples;
  }
}
