package dev.meshctl.model.explain;

import dev.meshctl.model.explain.Explanation.Outcome;
import dev.meshctl.model.explain.Explanation.Retries;
import dev.meshctl.model.explain.Explanation.Rewritten;
import dev.meshctl.model.explain.Explanation.Timeouts;
import dev.meshctl.model.match.CompiledAction;
import dev.meshctl.model.match.CompiledHeaders;
import dev.meshctl.model.match.CompiledRoute;
import dev.meshctl.model.match.CompiledRoutes;
import dev.meshctl.model.match.RequestView;
import dev.meshctl.model.match.TextRequest;
import dev.meshctl.model.xds.Retry;
import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import dev.meshctl.model.xds.WeightedCluster;
import dev.meshctl.model.xds.route.Fault;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A request at a route table: which route takes it, why the others do not, what it makes of it. */
final class Routing {
  private final Trace trace;
  private final Question question;
  private final String scheme;
  private final TextRequest request;

  Routing(Trace trace, Question question, String scheme) {
    this.scheme = scheme;
    this.trace = trace;
    this.question = question;
    String authority = question.headers().getOrDefault("host", question.to());
    this.request = written(authority, question.path(), Map.of());
  }

  /**
   * @param changed over the headers of the question; an empty value removes one
   */
  private TextRequest written(String authority, String path, Map<String, String> changed) {
    TextRequest written = TextRequest.of(question.method(), scheme, authority, path);
    Map<String, String> headers = new LinkedHashMap<>(question.headers());
    headers.remove("host");
    headers.putAll(changed);
    changed.forEach((name, value) -> {
      if (value.isEmpty()) {
        headers.remove(name);
      }
    });
    for (Map.Entry<String, String> header : headers.entrySet()) {
      written = written.with(header.getKey(), header.getValue());
    }
    return written;
  }

  /** As the client sends it. */
  RequestView request() {
    return request;
  }

  /** Where the table leaves the request. */
  sealed interface Fate {
    /** The proxy itself answers. */
    record Answered(Outcome outcome) implements Fate {}

    /**
     * It goes on.
     *
     * @param request as it is sent on
     */
    record Forwarded(List<WeightedCluster> clusters, RequestView request) implements Fate {
      public Forwarded {
        clusters = List.copyOf(clusters);
      }
    }
  }

  Fate through(RouteTableConfig table) {
    CompiledRoutes compiled = CompiledRoutes.of(table);
    VirtualHost host = compiled.hostOf(request.authority());
    if (host == null) {
      trace.step("route", "no virtual host has " + request.authority() + ": answered 404");
      trace.answer(404, "");
      return new Fate.Answered(Outcome.NO_ROUTE);
    }
    CompiledRoute found = compiled.find(request);
    for (Route route : host.routes()) {
      route.match().headers().forEach(header -> trace.asked(header.name()));
      if (found != null && route == found.config()) {
        break;
      }
      trace.step(
          "route",
          "not "
              + route.name()
              + ": "
              + String.join(", ", MatchWords.against(route.match(), request)),
          route.origin());
    }
    if (found == null) {
      trace.step("route", "no rule of " + host.name() + " takes it: answered 404");
      trace.answer(404, "");
      return new Fate.Answered(Outcome.NO_ROUTE);
    }
    trace.matched(found.name(), found.config().origin());
    trace.step("route", found.name() + " of " + found.host(), found.config().origin());
    return switch (found.action()) {
      case CompiledAction.Redirect(var to, var status) -> {
        String location = to.location(request);
        trace.answer(status, location);
        trace.step("answer", status + ", to " + location);
        yield new Fate.Answered(Outcome.REDIRECTED);
      }
      case CompiledAction.Respond(var status, var body) -> {
        trace.answer(status, "");
        trace.step("answer", status + (body.length() == 0 ? "" : ": " + body.toString().strip()));
        yield new Fate.Answered(Outcome.DIRECT_RESPONSE);
      }
      case CompiledAction.Forward forward -> forward(found, forward);
    };
  }

  private Fate forward(CompiledRoute route, CompiledAction.Forward compiled) {
    RouteAction.Forward forward = (RouteAction.Forward) route.config().action();
    forward.fault().ifPresent(this::fault);
    String path = compiled.rewrite().map(change -> change.apply(request.path())).orElse("");
    String host = compiled.host().authority(request);
    if (!path.isEmpty()) {
      trace.step("request", "path becomes " + path);
    }
    if (!host.isEmpty()) {
      trace.step("request", "host becomes " + host);
    }
    Map<String, String> changed = new LinkedHashMap<>();
    route.config().headers().request().remove().forEach(name -> changed.put(name, ""));
    route.requestHeaders().forEach(headers -> changes(headers, changed));
    changed.forEach((name, value) ->
        trace.step(
            "request",
            value.isEmpty()
                ? "header " + name + " is removed"
                : "header " + name + " becomes \"" + value + "\""));
    String newPath = path.isEmpty() ? request.path().toString() : path;
    String newHost = host.isEmpty() ? request.authority().toString() : host;
    trace.rewritten(new Rewritten(question.method(), newPath, newHost, changed));
    forward
        .mirrors()
        .forEach(mirror ->
            trace.step(
                "request",
                "%s %% are copied to %s"
                    .formatted(Percent.of(mirror.percentage()), mirror.cluster())));
    timeouts(forward);
    return new Fate.Forwarded(forward.clusters(), written(newHost, newPath, changed));
  }

  private static void changes(CompiledHeaders headers, Map<String, String> changed) {
    headers.fields().forEach(field -> changed.put(field.name(), field.value()));
  }

  private void fault(Fault fault) {
    if (fault.delayPercentage() > 0) {
      trace.step(
          "request",
          "%s %% wait %s first".formatted(Percent.of(fault.delayPercentage()), fault.delay()));
    }
    if (fault.abortPercentage() > 0) {
      trace.step(
          "request",
          "%s %% are aborted with %s"
              .formatted(
                  Percent.of(fault.abortPercentage()),
                  fault.abortHttpStatus() != 0
                      ? fault.abortHttpStatus()
                      : "gRPC status " + fault.abortGrpcStatus()));
    }
  }

  private void timeouts(RouteAction.Forward forward) {
    Duration perTry = forward.retry().map(Retry::perTryTimeout).orElse(Duration.ZERO);
    trace.timeouts(new Timeouts(forward.timeout().toMillis(), perTry.toMillis()));
    if (forward.timeout().isPositive()) {
      trace.step("request", "may take " + forward.timeout().toMillis() + " ms in all");
    }
    forward
        .retry()
        .ifPresent(retry -> {
          trace.retries(new Retries(retry.attempts(), retry.retryOn()));
          trace.step(
              "request",
              "tried again up to %d times on %s"
                  .formatted(retry.attempts(), String.join(", ", retry.retryOn())));
        });
  }
}
