package dev.meshctl.dataplane.observe.log;

import dev.meshctl.dataplane.observe.ResponseFlag;
import dev.meshctl.model.match.CompiledHeaderMatches;
import dev.meshctl.model.xds.AccessLog.Comparison;
import dev.meshctl.model.xds.AccessLog.Filter;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A compiled {@link Filter}: which exchanges are told.
 *
 * <p>Thread: any; asked on event loops.
 */
interface LogFilter {
  LogFilter ALL = (entry, dice) -> true;

  boolean passes(LogEntry entry, RandomGenerator dice);

  /**
   * Compiles {@code filter}.
   *
   * @throws com.google.re2j.PatternSyntaxException where a regex is none of RE2
   */
  static LogFilter compile(Filter filter) {
    return switch (filter) {
      case Filter.Status(var comparison, var status) ->
          (entry, dice) -> compare(comparison, entry.status(), status);
      case Filter.Millis(var comparison, var millis) ->
          (entry, dice) -> compare(comparison, entry.durationMillis(), millis);
      case Filter.NotHealthCheck() -> ALL;
      case Filter.Percentage(var percentage) ->
          (entry, dice) -> dice.nextDouble() * 100 < percentage;
      case Filter.Header(var match) -> {
        CompiledHeaderMatches compiled = CompiledHeaderMatches.compile(List.of(match));
        yield (entry, dice) -> compiled.anyMatches(entry::requestHeader);
      }
      case Filter.Flags(var flags) -> {
        long wanted =
            flags.isEmpty()
                ? -1L
                : Arrays.stream(ResponseFlag.values())
                    .filter(flag -> flags.contains(flag.name()))
                    .mapToLong(ResponseFlag::bit)
                    .reduce(0, (one, other) -> one | other);
        yield (entry, dice) -> (entry.flags() & wanted) != 0;
      }
      case Filter.GrpcStatus(var statuses, var exclude) ->
          (entry, dice) -> statuses.contains(Math.max(0, entry.grpcStatus())) != exclude;
      case Filter.All(var filters) -> {
        List<LogFilter> all = filters.stream().map(LogFilter::compile).toList();
        yield (entry, dice) -> {
          for (int i = 0; i < all.size(); i++) {
            if (!all.get(i).passes(entry, dice)) {
              return false;
            }
          }
          return true;
        };
      }
      case Filter.Any(var filters) -> {
        List<LogFilter> all = filters.stream().map(LogFilter::compile).toList();
        yield (entry, dice) -> {
          for (int i = 0; i < all.size(); i++) {
            if (all.get(i).passes(entry, dice)) {
              return true;
            }
          }
          return false;
        };
      }
    };
  }

  private static boolean compare(Comparison comparison, long value, long with) {
    return switch (comparison) {
      case EQ -> value == with;
      case GE -> value >= with;
      case LE -> value <= with;
    };
  }
}
