package dev.meshctl.model.traffic;

import java.util.List;

/** Whom a resource is exported to (Istio {@code exportTo}). */
final class Visibility {
  static final List<String> EVERYONE = List.of("*");

  private static final String NOBODY = "~";
  private static final String OWN = ".";

  private Visibility() {}

  /**
   * Whether a client's namespace sees a resource.
   *
   * @param exportTo as written, or what holds where nothing is written
   */
  static boolean reaches(List<String> exportTo, String ownNamespace, String clientNamespace) {
    return isPublic(exportTo)
        || (!exportTo.contains(NOBODY)
            && (exportTo.contains(clientNamespace)
                || (exportTo.contains(OWN) && ownNamespace.equals(clientNamespace))));
  }

  static boolean isPublic(List<String> exportTo) {
    return exportTo.contains("*");
  }
}
