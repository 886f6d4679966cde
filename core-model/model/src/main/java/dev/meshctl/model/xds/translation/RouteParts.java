package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.HeaderEdits;
import dev.meshctl.model.resource.StringMatch;
import dev.meshctl.model.xds.Retry;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.route.Header;
import dev.meshctl.model.xds.route.HeaderChanges;
import dev.meshctl.model.xds.route.HeaderMatch;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.QueryMatch;
import dev.meshctl.model.xds.route.RouteMatch;
import dev.meshctl.model.xds.route.ValueMatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What routes of all kinds of resources are made of. */
final class RouteParts {
  /** Istio's where none is written. */
  static final Retry DEFAULT_RETRY =
      new Retry(
          List.of("connect-failure", "refused-stream", "unavailable", "cancelled", "503"),
          2,
          Duration.ZERO);

  private RouteParts() {}

  /** Everything to one cluster. */
  static Route toCluster(String cluster, Optional<Retry> retry) {
    RouteAction.Forward forward =
        new RouteAction.Forward(
            List.of(WeightedCluster.only(cluster)),
            Duration.ZERO,
            retry,
            Optional.empty(),
            "",
            List.of(),
            Optional.empty());
    return new Route("default", RouteMatch.ANY, forward, Headers.NONE);
  }

  /** To where the client was going, as if we were not there: without retries. */
  static Route passthrough(String cluster) {
    return new Route("allow_any", RouteMatch.ANY, RouteAction.Forward.to(cluster), Headers.NONE);
  }

  static ValueMatch value(StringMatch match) {
    return switch (match) {
      case StringMatch.Exact(var value) -> new ValueMatch.Exact(value);
      case StringMatch.Prefix(var value) ->
          value.isEmpty() ? new ValueMatch.Present() : new ValueMatch.Prefix(value);
      case StringMatch.Regex(var pattern) -> new ValueMatch.Regex(pattern);
      case StringMatch.Present() -> new ValueMatch.Present();
    };
  }

  /**
   * @param invert requests without such a header, those that have none among them
   */
  static List<HeaderMatch> headers(Map<String, StringMatch> matches, boolean invert) {
    List<HeaderMatch> headers = new ArrayList<>();
    matches.forEach((name, match) -> {
      ValueMatch value = value(match);
      boolean missingIsEmpty = invert && !(value instanceof ValueMatch.Present);
      headers.add(new HeaderMatch(name.toLowerCase(Locale.ROOT), value, invert, missingIsEmpty));
    });
    return headers;
  }

  static List<QueryMatch> query(Map<String, StringMatch> matches) {
    List<QueryMatch> query = new ArrayList<>();
    matches.forEach((name, match) -> query.add(new QueryMatch(name, value(match))));
    return query;
  }

  static Headers headers(HeaderEdits edits) {
    return new Headers(changes(edits.request()), changes(edits.response()));
  }

  /** But for the authority, which is no header to a proxy (see {@link #authority}). */
  static HeaderChanges changes(HeaderEdits.Edits edits) {
    return edits.isEmpty()
        ? HeaderChanges.NONE
        : new HeaderChanges(
            headers(edits.set()),
            headers(edits.add()),
            edits.remove().stream().map(name -> name.toLowerCase(Locale.ROOT)).toList());
  }

  private static List<Header> headers(Map<String, String> values) {
    return values.entrySet().stream()
        .filter(entry -> !isAuthority(entry.getKey()))
        .map(entry -> new Header(entry.getKey().toLowerCase(Locale.ROOT), entry.getValue()))
        .toList();
  }

  /** What a set of {@code Host} or {@code :authority} asks for; empty for nothing. */
  static String authority(HeaderEdits.Edits edits) {
    return edits.set().entrySet().stream()
        .filter(entry -> isAuthority(entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("");
  }

  private static boolean isAuthority(String name) {
    return name.equalsIgnoreCase("host") || name.equalsIgnoreCase(":authority");
  }
}
