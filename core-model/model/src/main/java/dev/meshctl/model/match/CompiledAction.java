package dev.meshctl.model.match;

import dev.meshctl.model.xds.Retry;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.Upgrades;
import dev.meshctl.model.xds.route.Fault;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.HostFrom;
import dev.meshctl.model.xds.route.Mirror;
import dev.meshctl.model.xds.route.Timeouts;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** What a route does, compiled. */
public sealed interface CompiledAction {

  /**
   * Sends the request on.
   *
   * @param timeoutNanos of the whole exchange, 0 is off
   * @param appendForwardedHost the authority before goes to {@code x-forwarded-host}
   * @param stickySplit the target is picked by {@code hash}; else by the dice
   * @param highPriority by connections and limits of their own
   * @param hostOfUpstream the authority is the name of the chosen endpoint
   * @param hedges tries that take too long go on beside the next
   * @param passesConnect a CONNECT goes on to the host as one
   * @param upgrades what requests may leave HTTP for, over what their listener says
   */
  record Forward(
      WeightedTargets targets,
      long timeoutNanos,
      Optional<Retry> retry,
      Optional<PathChange> rewrite,
      HostChange host,
      boolean appendForwardedHost,
      Timeouts timeouts,
      List<CompiledMirror> mirrors,
      Optional<CompiledFault> fault,
      CompiledHash hash,
      boolean stickySplit,
      boolean highPriority,
      boolean hedges,
      boolean passesConnect,
      Upgrades upgrades,
      boolean hostOfUpstream)
      implements CompiledAction {
    public Forward {
      mirrors = List.copyOf(mirrors);
    }
  }

  /** A copy goes to {@code target} whenever {@code chance} hits. */
  record CompiledMirror(RouteTarget target, Chance chance, boolean keepsHost) {}

  /**
   * Faults to inject; the delay comes first.
   *
   * @param abortHttpStatus 0 where the abort is a gRPC status
   * @param abortGrpcStatus -1 where the abort is an HTTP status
   * @param delayByHeader the request says how long
   * @param abortByHeader the request says with what
   * @param mostActive requests held at a time
   */
  record CompiledFault(
      Chance delay,
      long delayNanos,
      Chance abort,
      int abortHttpStatus,
      int abortGrpcStatus,
      boolean delayByHeader,
      boolean abortByHeader,
      int mostActive) {}

  /** Answers with {@code Location}. */
  record Redirect(RedirectTo to, int status) implements CompiledAction {}

  /**
   * Answers by itself.
   *
   * @param body UTF-8
   */
  record Respond(int status, Bytes body) implements CompiledAction {}

  /** {@code route} with its clusters numbered in {@code targets}. */
  static CompiledAction compile(Route route, TargetList targets) {
    return switch (route.action()) {
      case RouteAction.Forward forward -> forward(route, forward, targets);
      case RouteAction.Redirect redirect ->
          new Redirect(new RedirectTo(redirect, route.match().path()), redirect.status());
      case RouteAction.DirectResponse direct -> {
        byte[] body = direct.body().getBytes(StandardCharsets.UTF_8);
        yield new Respond(direct.status(), new Bytes().aim(body, 0, body.length));
      }
    };
  }

  private static Forward forward(Route route, RouteAction.Forward action, TargetList targets) {
    return new Forward(
        WeightedTargets.compile(action.clusters(), targets),
        action.timeout().toNanos(),
        action.retry(),
        action.rewrite().map(change -> PathChange.compile(change, route.match().path())),
        HostChange.compile(action),
        action.appendForwardedHost(),
        action.timeouts(),
        action.mirrors().stream().map(mirror -> mirror(mirror, targets)).toList(),
        action.fault().map(CompiledAction::fault),
        CompiledHash.compile(action.hash()),
        action.steering().stickySplit() && action.clusters().size() > 1,
        action.steering().highPriority(),
        action.steering().hedges(),
        action.steering().passesConnect(),
        action.steering().upgrades(),
        action.hostFrom().filter(HostFrom.Upstream.class::isInstance).isPresent());
  }

  private static CompiledMirror mirror(Mirror mirror, TargetList targets) {
    return new CompiledMirror(
        targets.add(mirror.cluster(), Headers.NONE),
        Chance.ofPercentage(mirror.percentage()),
        mirror.keepsHost());
  }

  private static CompiledFault fault(Fault fault) {
    boolean aborts =
        fault.abortHttpStatus() != 0 || fault.abortGrpcStatus() >= 0 || fault.abortByHeader();
    return new CompiledFault(
        Chance.ofPercentage(fault.delayPercentage()),
        fault.delay().toNanos(),
        aborts ? Chance.ofPercentage(fault.abortPercentage()) : Chance.NEVER,
        fault.abortHttpStatus(),
        fault.abortGrpcStatus(),
        fault.delayByHeader(),
        fault.abortByHeader(),
        fault.mostActive().orElse(Integer.MAX_VALUE));
  }
}
