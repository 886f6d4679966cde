package dev.meshctl.model.match;

import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.route.RouteMatch;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The router, over as many routes as asked, each its own prefix, and one for the rest. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RouterBenchmark {
  private static final int REQUESTS = 1024;

  @Param({"10", "100", "10000"})
  public int routes = 10;

  private CompiledRoutes table = CompiledRoutes.of(new RouteTableConfig("none", List.of()));
  private final TextRequest[] hits = new TextRequest[REQUESTS];
  private final TextRequest rest = TextRequest.get("shop.example.com", "/elsewhere/index.html");
  private int next;

  @Setup
  public void compile() {
    List<Route> all = new ArrayList<>();
    for (int i = 0; i < routes; i++) {
      all.add(route("/r/" + i + "/"));
    }
    all.add(route("/"));
    table =
        CompiledRoutes.of(
            new RouteTableConfig("bench", List.of(new VirtualHost("all", List.of("*"), all))));
    SplittableRandom dice = new SplittableRandom(1);
    for (int i = 0; i < REQUESTS; i++) {
      hits[i] = TextRequest.get("shop.example.com", "/r/" + dice.nextInt(routes) + "/item?id=7");
    }
  }

  private static Route route(String prefix) {
    return new Route(
        prefix,
        new RouteMatch(new PathMatch.Prefix(prefix), false, List.of(), List.of()),
        RouteAction.Forward.to("up"),
        Headers.NONE);
  }

  /** Any of them. */
  @Benchmark
  public Object hit() {
    return table.find(hits[next++ & (REQUESTS - 1)]);
  }

  /** The last one, which takes what no other does. */
  @Benchmark
  public Object rest() {
    return table.find(rest);
  }
}
