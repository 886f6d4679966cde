package dev.meshctl.injector.webhook;

/** Where a refusal is told to whoever looks at the cluster's events. */
@FunctionalInterface
public interface AdmissionEvents {
  /** Tells nobody. */
  AdmissionEvents NONE = (namespace, kind, name, message) -> {};

  /**
   * A pod was refused. Must not block: the API server waits.
   *
   * @param kind and {@code name} of who wanted the pod ({@code ReplicaSet}, {@code Job}); of the
   *     pod itself where nobody did
   */
  void refused(String namespace, String kind, String name, String message);
}
