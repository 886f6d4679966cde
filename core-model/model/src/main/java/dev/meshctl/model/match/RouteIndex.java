package dev.meshctl.model.match;

import com.google.re2j.Pattern;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.RouteMatch;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The routes of one virtual host, found by path: the first in the order of the configuration whose
 * conditions all hold. One pass over the path finds the candidates of every prefix; among them the
 * lowest order wins.
 *
 * <p>Thread: any.
 */
final class RouteIndex {
  private static final int NONE = Integer.MAX_VALUE;

  private final CompiledRoute[] routes;
  private final Paths exactCase;
  private final Paths anyCase;
  private final int[] patterned;

  RouteIndex(List<CompiledRoute> routes) {
    this.routes = routes.toArray(CompiledRoute[]::new);
    PathsBuilder exact = new PathsBuilder(false);
    PathsBuilder any = new PathsBuilder(true);
    List<Integer> others = new ArrayList<>();
    for (int order = 0; order < this.routes.length; order++) {
      RouteMatch match = this.routes[order].config().match();
      PathsBuilder paths = match.ignoreCase() ? any : exact;
      switch (match.path()) {
        case PathMatch.Exact path -> paths.exact(path.path(), order);
        case PathMatch.Prefix path -> paths.prefix(path.prefix(), order);
        case PathMatch.PathSeparatedPrefix path -> paths.separated(path.prefix(), order);
        case PathMatch.Regex path -> others.add(order);
        case PathMatch.Connect path -> others.add(order);
      }
    }
    this.exactCase = exact.build();
    this.anyCase = any.build();
    this.patterned = others.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The first route that takes {@code request}. */
  @Nullable CompiledRoute find(RequestView request) {
    int best = exactCase.search(this, request, NONE);
    best = anyCase.search(this, request, best);
    best = searchPatterned(request, best);
    return best == NONE ? null : routes[best];
  }

  /** Tests {@code candidates} (ascending) that come before {@code best}; the new best. */
  private int firstOf(int @Nullable [] candidates, RequestView request, int best) {
    if (candidates == null) {
      return best;
    }
    for (int order : candidates) {
      if (order >= best) {
        return best;
      }
      if (routes[order].test().matches(request)) {
        return order;
      }
    }
    return best;
  }

  private int searchPatterned(RequestView request, int best) {
    for (int order : patterned) {
      if (order >= best) {
        return best;
      }
      CompiledRoute route = routes[order];
      if (route.patternMatches(request) && route.test().matches(request)) {
        return order;
      }
    }
    return best;
  }

  /** The length of a path without query and fragment. */
  static int lengthOfPath(Bytes path) {
    byte[] array = path.array();
    int start = path.offset();
    int end = start + path.length();
    for (int i = start; i < end; i++) {
      if (array[i] == '?' || array[i] == '#') {
        return i - start;
      }
    }
    return path.length();
  }

  static boolean matches(Pattern pattern, Bytes path) {
    return pattern
        .matcher(new Bytes().aim(path.array(), path.offset(), lengthOfPath(path)))
        .matches();
  }

  /** Exact paths and prefixes of one case rule. */
  private static final class Paths {
    private final ByteTable<int[]> exact;
    private final ByteTable<int[]> prefixes;
    private final ByteTable<int[]> separated;
    private final BitSet prefixLengths;
    private final int longestPrefix;
    private final int longest;

    Paths(PathsBuilder from) {
      exact = new ByteTable<>(ordered(from.exact), from.fold, false);
      prefixes = new ByteTable<>(ordered(from.prefixes), from.fold, false);
      separated = new ByteTable<>(ordered(from.separated), from.fold, false);
      prefixLengths = new BitSet();
      from.prefixes.keySet().forEach(key -> prefixLengths.set(key.length()));
      from.separated.keySet().forEach(key -> prefixLengths.set(key.length()));
      longestPrefix = prefixLengths.length() - 1;
      int longestExact = from.exact.keySet().stream().mapToInt(String::length).max().orElse(-1);
      longest = Math.max(longestPrefix, longestExact);
    }

    private static Map<String, int[]> ordered(Map<String, List<Integer>> orders) {
      Map<String, int[]> arrays = HashMap.newHashMap(orders.size());
      orders.forEach(
          (key, list) -> arrays.put(key, list.stream().mapToInt(Integer::intValue).toArray()));
      return arrays;
    }

    int search(RouteIndex index, RequestView request, int best) {
      if (longest < 0) {
        return best;
      }
      Bytes path = request.path();
      int length = lengthOfPath(path);
      if (length == 0) {
        return best;
      }
      int hash = ByteTable.SEED;
      int reach = Math.min(length, longest);
      for (int at = 0; ; at++) {
        if (at <= longestPrefix && prefixLengths.get(at)) {
          best = searchPrefix(index, request, path, hash, at, length, best);
          // Header tests may have moved the view's bytes.
          path = request.path();
        }
        if (at == reach) {
          break;
        }
        hash = exact.roll(hash, path.array()[path.offset() + at]);
      }
      if (reach < length) {
        return best;
      }
      return index.firstOf(exact.find(hash, path.array(), path.offset(), length), request, best);
    }

    private int searchPrefix(
        RouteIndex index, RequestView request, Bytes path, int hash, int at, int length, int best) {
      byte[] array = path.array();
      int offset = path.offset();
      int[] whole =
          !separated.isEmpty() && (at == length || array[offset + at] == '/')
              ? separated.find(hash, array, offset, at)
              : null;
      best = index.firstOf(prefixes.find(hash, array, offset, at), request, best);
      return index.firstOf(whole, request, best);
    }
  }

  private static final class PathsBuilder {
    private final boolean fold;
    private final Map<String, List<Integer>> exact = new HashMap<>();
    private final Map<String, List<Integer>> prefixes = new HashMap<>();
    private final Map<String, List<Integer>> separated = new HashMap<>();

    PathsBuilder(boolean fold) {
      this.fold = fold;
    }

    void exact(String path, int order) {
      add(exact, path, order);
    }

    void prefix(String path, int order) {
      add(prefixes, path, order);
    }

    /** {@code /} and {@code /a/} mean the elements before the final slash. */
    void separated(String path, int order) {
      if (path.equals("/")) {
        add(prefixes, path, order);
      } else {
        add(separated, path.endsWith("/") ? path.substring(0, path.length() - 1) : path, order);
      }
    }

    private void add(Map<String, List<Integer>> to, String path, int order) {
      String key = fold ? path.toLowerCase(Locale.ROOT) : path;
      to.computeIfAbsent(key, ignored -> new ArrayList<>()).add(order);
    }

    Paths build() {
      return new Paths(this);
    }
  }
}
