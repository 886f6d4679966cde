package dev.meshctl.model.resource;

/** {@code backendRefs[]}: a Service port with a weight; weight 1 where none is written. */
public record BackendRef(String namespace, String name, int port, int weight) {
  /** The Service as references name it. */
  public ObjectRef target() {
    return new ObjectRef("", "Service", namespace, name);
  }
}
