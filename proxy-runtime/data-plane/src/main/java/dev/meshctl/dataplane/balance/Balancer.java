package dev.meshctl.dataplane.balance;

import dev.meshctl.dataplane.resilience.OutlierDetector;
import dev.meshctl.dataplane.resilience.OutlierDetector.Outcome;
import dev.meshctl.model.xds.BalancingOptions.LatencyOptions;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.Labels;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import dev.meshctl.model.xds.SocketEndpoint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The hosts of one cluster on one event loop: picks one for each try, counts what is under way, and
 * leaves out who is ejected. {@code pick} then {@link #started}, and {@link #ended} once for each.
 *
 * <p>Thread: one event loop.
 *
 * @param <A> what the owner keeps for each host
 */
public final class Balancer<A> {
  /** How often another host is drawn when the drawn one is to be avoided. */
  private static final int REDRAWS = 5;

  private static final long MOST_REST_NANOS = 30_000_000_000L;

  /** Far apart on any ring. */
  private static final long STEP = 0x9E3779B97F4A7C15L;

  private final Owner<A> owner;
  private final RandomGenerator dice;
  private final BooleanSupplier inLoop;
  private final OutlierDetector detector;
  private final Map<SocketEndpoint, Host<A>> hosts = new LinkedHashMap<>();
  private List<LoadPlan.Members<A>> members = List.of();
  private double overprovisioning = LoadAssignment.USUAL_OVERPROVISIONING / 100.0;
  private Optional<LocalZone> zone = Optional.empty();
  private final HashTables tables = new HashTables();
  private LoadPlan.Policy policy;
  private Plans<A> plan;
  private boolean slowStarting;
  private boolean somebodyRests;
  private long decayNanos;
  private long nowNanos;

  /** Opens and closes what belongs to a host. */
  public interface Owner<A> {
    /** For a host that has come. */
    A open(Endpoint endpoint);

    /** The endpoint's weight, health, TLS or workload has changed; its address has not. */
    void changed(A attachment, Endpoint endpoint);

    /** For a host that is gone; requests under way may still end. */
    void close(A attachment);
  }

  /**
   * A balancer without hosts.
   *
   * @param inLoop asserted to hold at every call, for example {@code eventLoop::inEventLoop}
   */
  public Balancer(
      ClusterConfig config,
      Owner<A> owner,
      RandomGenerator dice,
      BooleanSupplier inLoop,
      long nowNanos) {
    this.owner = owner;
    this.dice = dice;
    this.inLoop = inLoop;
    this.detector = new OutlierDetector(config.outlierDetection(), dice, nowNanos);
    this.policy =
        new LoadPlan.Policy(
            config.loadBalancing(), config.balancing(), overprovisioning, Optional.empty());
    this.nowNanos = nowNanos;
    this.plan = plan();
  }

  private LoadPlan.Policy policyOf(ClusterConfig config) {
    return new LoadPlan.Policy(config.loadBalancing(), config.balancing(), overprovisioning, zone);
  }

  /** Where this proxy stands; empty where that does not count. */
  public void zone(Optional<LocalZone> now) {
    assert inLoop.getAsBoolean();
    zone = now;
    policy = new LoadPlan.Policy(policy.balancing(), policy.options(), overprovisioning, zone);
    plan = plan();
  }

  /** New settings; hosts keep their counts and ejections. */
  public void update(ClusterConfig config) {
    assert inLoop.getAsBoolean();
    this.policy = policyOf(config);
    detector.update(config.outlierDetection());
    plan = plan();
  }

  /** New hosts; one whose address stays keeps its attachment, counts and ejection. */
  public void update(LoadAssignment assignment) {
    assert inLoop.getAsBoolean();
    Map<SocketEndpoint, Host<A>> before = new LinkedHashMap<>(hosts);
    hosts.clear();
    List<LoadPlan.Members<A>> now = new ArrayList<>();
    for (LocalityEndpoints locality : assignment.localities()) {
      List<Host<A>> own = new ArrayList<>();
      for (Endpoint endpoint : locality.endpoints()) {
        if (!hosts.containsKey(endpoint.address())) {
          Host<A> host = hostOf(endpoint, before.remove(endpoint.address()));
          hosts.put(endpoint.address(), host);
          host.stand(locality.priority());
          own.add(host);
        }
      }
      now.add(
          new LoadPlan.Members<>(locality.locality(), locality.priority(), locality.weight(), own));
    }
    members = List.copyOf(now);
    overprovisioning = assignment.overprovisioningFactor();
    policy = new LoadPlan.Policy(policy.balancing(), policy.options(), overprovisioning, zone);
    before.values().forEach(this::drop);
    plan = plan();
  }

  private Host<A> hostOf(Endpoint endpoint, @Nullable Host<A> known) {
    if (known == null) {
      return new Host<>(endpoint, owner.open(endpoint), detector.open(), nowNanos);
    }
    if (!known.endpoint().equals(endpoint)) {
      known.update(endpoint);
      owner.changed(known.attachment(), endpoint);
    }
    return known;
  }

  private void drop(Host<A> host) {
    detector.close(host.track());
    owner.close(host.attachment());
  }

  /** Drops all hosts. */
  public void close() {
    update(new LoadAssignment("", List.of()));
  }

  private Plans<A> plan() {
    weigh();
    decayNanos = policy.options().latency().orElse(LatencyOptions.DEFAULT).decay().toNanos();
    tables.begin();
    return new Plans<>(members, policy, tables, dice);
  }

  private void weigh() {
    slowStarting = false;
    for (Host<A> host : hosts.values()) {
      slowStarting |= host.weigh(policy.options().slowStart().orElse(null), nowNanos);
    }
  }

  /** Hosts are chosen by what {@link #pick(long)} is given. */
  public boolean byHash() {
    return policy.byHash();
  }

  /** A host for a try; null where there is none (flag {@code UH}). */
  public @Nullable Host<A> pick() {
    return pick(policy.byHash() ? dice.nextLong() : 0);
  }

  /**
   * A host for a try; null where there is none (flag {@code UH}).
   *
   * @param hash of the request: the same one gets the same host, where the policy goes by it
   */
  public @Nullable Host<A> pick(long hash) {
    return pick(hash, Labels.NONE);
  }

  /**
   * The same among the hosts that are meant, where the cluster has subsets.
   *
   * @param wanted of the configuration, never of requests: what it comes to is kept
   */
  public @Nullable Host<A> pick(long hash, Labels wanted) {
    assert inLoop.getAsBoolean();
    return pick(plan.of(wanted), hash);
  }

  private @Nullable Host<A> pick(LoadPlan<A> among, long hash) {
    HostGroup<A> group = among.group(policy.byHash(), hash, dice);
    return group == null ? null : group.pick(hash, dice);
  }

  /**
   * A host for a retry: another than {@code avoided} where there is one.
   *
   * @param avoided that failed before
   */
  public @Nullable Host<A> pickOther(Host<A> avoided) {
    return pickOther(avoided, policy.byHash() ? dice.nextLong() : 0);
  }

  /**
   * The same by {@code hash}: the others, too, are always the same.
   *
   * @param avoided that failed before
   */
  public @Nullable Host<A> pickOther(Host<A> avoided, long hash) {
    return pickOther(List.of(avoided), hash, Labels.NONE, List.of(), 0);
  }

  /**
   * A host for a retry: one that was not tried before, where one of a few draws is such.
   *
   * @param tried before
   * @param wanted as for {@link #pick(long, Labels)}
   * @param omitted hosts with any of these labels count as tried
   * @param without priorities that are left out where others have hosts, a bit for each
   */
  public @Nullable Host<A> pickOther(
      Collection<Host<A>> tried, long hash, Labels wanted, List<Labels> omitted, long without) {
    assert inLoop.getAsBoolean();
    LoadPlan<A> among = plan.of(wanted, without);
    Host<A> host = pick(among, hash);
    for (int i = 1; host != null && isAvoided(host, tried, omitted) && i <= REDRAWS; i++) {
      host = pick(among, hash + i * STEP);
    }
    return host;
  }

  private static <A> boolean isAvoided(
      Host<A> host, Collection<Host<A>> tried, List<Labels> omitted) {
    if (tried.contains(host)) {
      return true;
    }
    for (int i = 0; i < omitted.size(); i++) {
      if (host.endpoint().labels().have(omitted.get(i), false)) {
        return true;
      }
    }
    return false;
  }

  /** A request goes to {@code host}. */
  public void started(Host<A> host) {
    assert inLoop.getAsBoolean();
    host.started();
  }

  /** Times of answers count: {@link #answered} wants to be told. */
  public boolean measures() {
    return policy.balancing() == LoadBalancing.PEAK_EWMA;
  }

  /**
   * {@code host} has begun to answer.
   *
   * @param tookNanos since the request was sent
   */
  public void answered(Host<A> host, long tookNanos, long nowNanos) {
    assert inLoop.getAsBoolean();
    host.latency().observe(Math.max(0, tookNanos), nowNanos, decayNanos);
  }

  /**
   * {@code host} asks to be left alone: for as long others are preferred where two are compared.
   *
   * @param nanos no more than half a minute is given
   */
  public void rest(Host<A> host, long nanos, long nowNanos) {
    assert inLoop.getAsBoolean();
    host.rest(nowNanos + Math.min(nanos, MOST_REST_NANOS));
    somebodyRests = true;
  }

  private void pass(long nowNanos) {
    boolean still = false;
    for (Host<A> host : hosts.values()) {
      if (measures()) {
        host.latency().fade(nowNanos, decayNanos);
      }
      host.mayRise(nowNanos);
      still |= host.isResting();
    }
    somebodyRests = still;
  }

  /** It ended; a host that failed too often in a row is ejected. */
  public void ended(Host<A> host, Outcome outcome, long nowNanos) {
    assert inLoop.getAsBoolean();
    host.ended(outcome != Outcome.SUCCESS);
    if (detector.report(host.track(), outcome, nowNanos)) {
      plan = plan();
    }
  }

  /** It ended by the client's wish or a limit of ours, which says nothing about the host. */
  public void cancelled(Host<A> host) {
    assert inLoop.getAsBoolean();
    host.ended(false);
  }

  /** Active checks have changed their mind about {@code host}. */
  public void checked(Host<A> host, boolean healthy) {
    assert inLoop.getAsBoolean();
    host.checked(healthy, nowNanos);
    plan = plan();
  }

  /** Brings hosts back whose ejection is over; to be called about once a second. */
  public void check(long nowNanos) {
    assert inLoop.getAsBoolean();
    this.nowNanos = nowNanos;
    if (somebodyRests || measures()) {
      pass(nowNanos);
    }
    if (detector.check(nowNanos)) {
      plan = plan();
    } else if (slowStarting) {
      weigh();
      plan.reweigh();
    }
  }

  /** All hosts, in the order of the assignment. */
  public Collection<Host<A>> hosts() {
    return Collections.unmodifiableCollection(hosts.values());
  }

  public OutlierDetector detector() {
    return detector;
  }

  /** Tables of hashes made so far: one when hosts come or go, none when they fail. */
  long tablesMade() {
    return tables.made();
  }

  /** Unhealthy hosts are used because too few are healthy. */
  public boolean isPanic() {
    return plan.isPanic();
  }
}
