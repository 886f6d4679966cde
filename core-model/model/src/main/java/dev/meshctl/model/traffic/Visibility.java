package dev.meshctl.model.traffic;

import java.util.List;

/** Whom a resource is exported to (Istio {@code exportTo}). */
final class Visibility {
  private Visibility() {}

  /** Nothing written is everyone; {@code .} is the resource's own namespace. */
  static boolean reaches(List<String> exportTo, String ownNamespace, String clientNamespace) {
    return exportTo.isEmpty()
        || exportTo.contains("*")
        || exportTo.contains(clientNamespace)
        || (exportTo.contains(".") && ownNamespace.equals(clientNamespace));
  }
}
