package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.observe.Failure;
import dev.meshctl.dataplane.resilience.AdmissionController;
import dev.meshctl.dataplane.resilience.GradientController;
import dev.meshctl.dataplane.route.HttpFilters.Step;

/**
 * The filters that shed load: each asks its controller of the loop, and tells it how the exchange
 * ended.
 *
 * <p>Thread: confined to the loop of the exchange.
 */
final class Shedding {
  private Shedding() {}

  static boolean passes(Exchange exchange, Step.Concurrency step) {
    if (!step.settings().enabled()) {
      return true;
    }
    long start = System.nanoTime();
    GradientController controller =
        step.controllers()
            .of(
                exchange.worker(),
                worker ->
                    new GradientController(
                        step.settings(),
                        Math.ceilDiv(step.settings().maxLimit(), worker.loops()),
                        worker.dice(),
                        start));
    if (!controller.start(start)) {
      exchange.fail(
          new Failure.Shed(
              step.settings().exceededStatus(),
              "reached_concurrency_limit",
              "reached concurrency limit"));
      return false;
    }
    exchange.watch((status, grpcStatus, complete) -> {
      if (complete) {
        long now = System.nanoTime();
        controller.ended(now - start, now);
      } else {
        controller.cancelled();
      }
    });
    return true;
  }

  static boolean passes(Exchange exchange, Step.Admission step) {
    if (!step.settings().enabled()) {
      return true;
    }
    long now = System.nanoTime();
    AdmissionController controller =
        step.controllers()
            .of(
                exchange.worker(),
                worker -> new AdmissionController(step.settings(), worker.dice(), now));
    if (!controller.admits(now)) {
      exchange.fail(new Failure.Shed(503, "denied_by_admission_control", ""));
      return false;
    }
    boolean grpc = exchange.head().isGrpc();
    exchange.watch((status, grpcStatus, complete) ->
        controller.ended(
            complete && controller.isSuccess(status, grpc ? grpcStatus : -1), System.nanoTime()));
    return true;
  }
}
