package dev.meshctl.model.testkit;

import dev.meshctl.model.xds.AccessLog;
import dev.meshctl.model.xds.AccessLog.Comparison;
import dev.meshctl.model.xds.AccessLog.Filter;
import dev.meshctl.model.xds.AccessLog.Format;
import dev.meshctl.model.xds.AccessLog.Sink;
import dev.meshctl.model.xds.AccessLog.Value;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Access logs of every sink, format and filter. */
final class LogArbitraries {
  private LogArbitraries() {}

  static Arbitrary<List<AccessLog>> logs() {
    Arbitrary<Sink> sinks =
        Arbitraries.of(new Sink.Stdout(), new Sink.Stderr(), new Sink.File("/var/log/access.log"));
    Arbitrary<Format> formats =
        Arbitraries.oneOf(
            Arbitraries.of(
                new Format.Default(),
                new Format.Text("[%START_TIME%] %RESPONSE_CODE%\n"),
                new Format.Text("plain")),
            values(2).map(LogArbitraries::json));
    return Combinators.combine(sinks, formats, filters(2).optional())
        .as(AccessLog::new)
        .list()
        .ofMaxSize(2);
  }

  private static Format json(Value value) {
    return new Format.Json(new Value.Members(java.util.Map.of("value", value)));
  }

  private static Arbitrary<Value> values(int depth) {
    Arbitrary<Value> plain =
        Arbitraries.of(
            new Value.Text("%DURATION%"),
            new Value.Text("as it is"),
            new Value.Number(1.5),
            new Value.Flag(true),
            new Value.Null());
    if (depth == 0) {
      return plain;
    }
    return Arbitraries.oneOf(
        plain,
        values(depth - 1).list().ofMaxSize(2).map(Value.Items::new),
        Arbitraries.maps(Arbitraries.of("a", "b"), values(depth - 1))
            .ofMaxSize(2)
            .map(Value.Members::new));
  }

  private static Arbitrary<Filter> filters(int depth) {
    Arbitrary<Comparison> comparisons = Arbitraries.of(Comparison.class);
    Arbitrary<Integer> numbers = Arbitraries.integers().between(0, 600);
    Arbitrary<Filter> plain =
        Arbitraries.oneOf(
            Combinators.combine(comparisons, numbers).as(Filter.Status::new),
            Combinators.combine(comparisons, numbers).as(Filter.Millis::new),
            Arbitraries.of(new Filter.NotHealthCheck()).map(f -> (Filter) f),
            Arbitraries.integers()
                .between(0, 100)
                .map(share -> (Filter) new Filter.Percentage(share)),
            RouteArbitraries.headerMatches().map(match -> (Filter) new Filter.Header(match)),
            Arbitraries.of("UF", "UO", "NR").set().map(flags -> (Filter) new Filter.Flags(flags)),
            Combinators.combine(
                    Arbitraries.integers().between(0, 16).set().ofMaxSize(3),
                    Arbitraries.of(true, false))
                .as(Filter.GrpcStatus::new));
    if (depth == 0) {
      return plain;
    }
    // Envoy wants two at least.
    Arbitrary<List<Filter>> several = filters(depth - 1).list().ofMinSize(2).ofMaxSize(3);
    return Arbitraries.oneOf(
        plain,
        several.map(list -> (Filter) new Filter.All(list)),
        several.map(list -> (Filter) new Filter.Any(list)));
  }
}
