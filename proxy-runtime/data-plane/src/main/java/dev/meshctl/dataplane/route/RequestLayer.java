package dev.meshctl.dataplane.route;

/**
 * One step on the way of a request; a stack lists them in order.
 *
 * <p>Thread: any; layers keep no state, all of it is the exchange's.
 */
public interface RequestLayer {

  /** What becomes of the request. */
  enum Outcome {
    /** The next layer takes it. */
    CONTINUE,
    /** It has its answer, or is on its way. */
    DONE,
    /** It goes on with {@link Exchange#resume} later. */
    WAITING
  }

  /** For people, as golden texts and {@code explain} show it. */
  String name();

  Outcome handle(Exchange exchange);
}
