package dev.meshctl.model.resource;

/**
 * {@code parentRefs[]} of a Gateway API route: a Gateway, or (GAMMA) a Service. {@code sectionName}
 * may be empty, {@code port} 0.
 */
public record ParentRef(Kind kind, String namespace, String name, String sectionName, int port) {
  public enum Kind {
    GATEWAY,
    SERVICE,
    /** Something that is not known here. */
    OTHER
  }
}
