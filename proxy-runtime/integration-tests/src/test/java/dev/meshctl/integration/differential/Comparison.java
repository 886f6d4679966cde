package dev.meshctl.integration.differential;

import dev.meshctl.integration.served.ServedEnvoy;
import dev.meshctl.integration.served.ServedProxy;
import dev.meshctl.integration.served.SnapshotServer;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.testkit.TestIdentity;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.XdsSnapshot;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A real Envoy and our proxy, told the same, asked the same. */
final class Comparison implements AutoCloseable {
  private static final String OURS = "ours";
  private static final String THEIRS = "envoy";

  /** Asking again until dice fall alike: with halves, one in four thousand is left. */
  private static final int THROWS = 24;

  private final EchoUpstreams upstreams = new EchoUpstreams();
  private final SnapshotServer server;
  private final ServedEnvoy envoy;
  private final ServedProxy ours;
  private final List<String> differences = new ArrayList<>();
  private int asked;
  private int told;

  Comparison(Path folder, TestIdentity identity) throws IOException {
    server = new SnapshotServer(identity.certificatePem());
    envoy = ServedEnvoy.start(folder, THEIRS, ServedEnvoy.Dialect.DELTA_GRPC, server, identity);
    ours = ServedProxy.start(OURS, server);
  }

  /** What was not the same, in words. */
  List<String> differences() {
    return List.copyOf(differences);
  }

  int asked() {
    return asked;
  }

  /** Both in force at both; false, with a difference where only one refused it, where not. */
  boolean tell(String what, Prepared prepared) {
    server.publish(prepared.snapshot());
    ProxyView theirs = server.settled(THEIRS);
    ProxyView own = server.settled(OURS);
    boolean taken = theirs.state() == ProxyView.State.SYNCED;
    if (taken != (own.state() == ProxyView.State.SYNCED)) {
      differences.add(what + ": " + errors(theirs) + " but ours " + errors(own));
    }
    return taken && own.state() == ProxyView.State.SYNCED;
  }

  private static String errors(ProxyView view) {
    return view.state()
        + view.types().stream()
            .map(ProxyView.TypeStatus::error)
            .filter(error -> !error.isEmpty())
            .collect(Collectors.joining("; ", " [", "]"));
  }

  /**
   * Tells both {@code snapshot} and asks all that its routes suggest.
   *
   * @param most requests a table
   */
  void compare(String what, XdsSnapshot snapshot, SplittableRandom dice, int most)
      throws IOException {
    Prepared prepared = Prepared.of("n" + ++told + "/", snapshot, upstreams);
    if (prepared.tables().isEmpty() || !tell(what, prepared)) {
      return;
    }
    Map<String, InetSocketAddress> theirs = envoy.listeners(prepared.tables().keySet());
    Map<String, InetSocketAddress> own = ours.listeners();
    for (Map.Entry<String, RouteTableConfig> each : prepared.tables().entrySet()) {
      List<Ask> asks = AsksOf.table(each.getValue(), dice);
      Collections.shuffle(asks, new Random(dice.nextLong()));
      Pair pair =
          new Pair(
              Objects.requireNonNull(theirs.get(each.getKey())),
              Objects.requireNonNull(own.get(each.getKey()), each.getKey()),
              splits(each.getValue()),
              sticks(each.getValue()));
      for (Ask ask : asks.subList(0, Math.min(most, asks.size()))) {
        pair.compare(what + " " + each.getKey(), ask);
      }
    }
  }

  /**
   * Which clusters {@code ask} comes to at each of the two, out of {@code throwsEach}.
   *
   * @param snapshot with one table
   */
  List<Map<String, Integer>> shares(XdsSnapshot snapshot, Ask ask, int throwsEach)
      throws IOException {
    Prepared prepared = Prepared.of("n" + ++told + "/", snapshot, upstreams);
    if (!tell("shares", prepared)) {
      throw new AssertionError(differences.toString());
    }
    String listener = prepared.tables().keySet().iterator().next();
    List<Map<String, Integer>> shares = new ArrayList<>();
    for (InetSocketAddress at :
        List.of(
            Objects.requireNonNull(envoy.listeners(Set.of(listener)).get(listener)),
            Objects.requireNonNull(ours.listeners().get(listener)))) {
      Map<String, Integer> seen = new TreeMap<>();
      for (int i = 0; i < throwsEach; i++) {
        seen.merge(ask.at(at).who(), 1, Integer::sum);
      }
      shares.add(seen);
    }
    return shares;
  }

  /**
   * Splits stick to users: then our proxy gives a cookie where there is none, and Envoy, which has
   * no such splits by cookie, does not.
   */
  private static boolean sticks(RouteTableConfig table) {
    return table.hosts().stream()
        .flatMap(host -> host.routes().stream())
        .anyMatch(route ->
            route.action() instanceof RouteAction.Forward forward
                && forward.steering().stickySplit());
  }

  /** Sets of clusters between which dice decide. */
  private static Set<Set<String>> splits(RouteTableConfig table) {
    Set<Set<String>> splits = new HashSet<>();
    table.hosts().stream()
        .flatMap(host -> host.routes().stream())
        .filter(route -> route.action() instanceof RouteAction.Forward)
        .map(route -> (RouteAction.Forward) route.action())
        .forEach(forward ->
            splits.add(
                forward.clusters().stream()
                    .filter(to -> to.weight() > 0)
                    .map(WeightedCluster::cluster)
                    .collect(Collectors.toSet())));
    return splits;
  }

  /** Where both listen for the same table. */
  private final class Pair {
    private final InetSocketAddress theirs;
    private final InetSocketAddress own;
    private final Set<Set<String>> splits;
    private final boolean withoutCookies;

    Pair(
        InetSocketAddress theirs,
        InetSocketAddress own,
        Set<Set<String>> splits,
        boolean withoutCookies) {
      this.withoutCookies = withoutCookies;
      this.theirs = theirs;
      this.own = own;
      this.splits = splits;
    }

    void compare(String where, Ask ask) throws IOException {
      asked++;
      Answer right = ask.at(theirs);
      Answer got = ask.at(own);
      for (int i = 0; i < THROWS && mayDiffer(right, got); i++) {
        right = ask.at(theirs);
        got = ask.at(own);
      }
      boolean same =
          withoutCookies ? right.withoutCookies().equals(got.withoutCookies()) : right.equals(got);
      if (!same) {
        differences.add("%s: %s%n  envoy: %s%n  ours:  %s".formatted(where, ask, right, got));
      }
    }

    /** Dice decided; a cluster of the split may have nobody to answer. */
    private boolean mayDiffer(Answer right, Answer got) {
      return !right.who().equals(got.who())
          && splits.stream().anyMatch(split -> isOf(split, right) && isOf(split, got));
    }

    private static boolean isOf(Set<String> split, Answer answer) {
      return split.contains(answer.who())
          || (split.size() > 1 && answer.who().isEmpty() && answer.status() == 503);
    }
  }

  @Override
  public void close() throws InterruptedException {
    ours.close();
    envoy.close();
    server.close();
    upstreams.close();
  }
}
