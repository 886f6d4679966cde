package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.resilience.AdmissionController;
import dev.meshctl.dataplane.resilience.GradientController;
import dev.meshctl.model.match.CompiledAccess;
import dev.meshctl.model.xds.AdaptiveConcurrency;
import dev.meshctl.model.xds.AdmissionControl;
import dev.meshctl.model.xds.NetworkFilter.HttpConnection;
import dev.meshctl.model.xds.NetworkFilter.HttpFilter;
import java.util.ArrayList;
import java.util.List;

/**
 * The HTTP filters of a connection manager, compiled, in the order of the configuration.
 *
 * <p>Thread: any; immutable.
 */
public record HttpFilters(List<Step> steps) {
  public static final HttpFilters NONE = new HttpFilters(List.of());

  /** One filter, by its name, by which routes give it settings of their own. */
  public sealed interface Step {
    /** RBAC. */
    record Access(String name, CompiledAccess rules) implements Step {}

    /** Cross-origin resource sharing. */
    record Cors(String name) implements Step {}

    /** gRPC for those who cannot speak it, see {@link GrpcWebBridge}. */
    record GrpcWeb() implements Step {}

    /** Adaptive concurrency. */
    record Concurrency(
        String name, AdaptiveConcurrency settings, PerLoop<GradientController> controllers)
        implements Step {}

    /** Admission control. */
    record Admission(
        String name, AdmissionControl settings, PerLoop<AdmissionController> controllers)
        implements Step {}
  }

  public HttpFilters {
    steps = List.copyOf(steps);
  }

  /** gRPC-Web is understood. */
  boolean bridgeGrpcWeb() {
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i) instanceof Step.GrpcWeb) {
        return true;
      }
    }
    return false;
  }

  /**
   * The filters of {@code config}.
   *
   * @throws IllegalArgumentException where one cannot be compiled, saying why
   */
  public static HttpFilters compile(HttpConnection config) {
    List<Step> steps = new ArrayList<>();
    for (HttpFilter filter : config.filters()) {
      switch (filter) {
        case HttpFilter.Access(var name, var control) ->
            steps.add(new Step.Access(name, CompiledAccess.compile(control)));
        case HttpFilter.Cors(var name) -> steps.add(new Step.Cors(name));
        case HttpFilter.GrpcWeb web -> steps.add(new Step.GrpcWeb());
        case HttpFilter.Fault fault -> {}
        case HttpFilter.Concurrency(var name, var settings) ->
            steps.add(new Step.Concurrency(name, settings, new PerLoop<>()));
        case HttpFilter.Admission(var name, var settings) ->
            steps.add(new Step.Admission(name, settings, new PerLoop<>()));
      }
    }
    return steps.isEmpty() ? NONE : new HttpFilters(steps);
  }
}
