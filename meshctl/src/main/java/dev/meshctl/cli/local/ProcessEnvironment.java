package dev.meshctl.cli.local;

import dev.meshctl.app.config.ControlPlaneVariables;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What of the user's environment the processes of a mesh get; the rest stays out, so that a mesh
 * runs the same in every terminal.
 *
 * @param everywhere for every process
 * @param controlPlane for the control plane beside that: what tunes its pushes
 */
record ProcessEnvironment(Map<String, String> everywhere, Map<String, String> controlPlane) {
  private static final List<String> EVERYWHERE =
      List.of("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "USER");

  ProcessEnvironment {
    everywhere = Map.copyOf(everywhere);
    controlPlane = Map.copyOf(controlPlane);
  }

  static ProcessEnvironment of(Map<String, String> users) {
    Map<String, String> everywhere = only(users, EVERYWHERE);
    everywhere.putIfAbsent("PATH", "/usr/local/bin:/usr/bin:/bin");
    everywhere.put("JAVA_HOME", System.getProperty("java.home"));
    return new ProcessEnvironment(everywhere, only(users, ControlPlaneVariables.NAMES));
  }

  private static Map<String, String> only(Map<String, String> from, List<String> names) {
    Map<String, String> kept = new LinkedHashMap<>();
    for (String name : names) {
      String value = from.get(name);
      if (value != null) {
        kept.put(name, value);
      }
    }
    return kept;
  }

  /** All of a control plane. */
  Map<String, String> ofControlPlane() {
    Map<String, String> all = new LinkedHashMap<>(everywhere);
    all.putAll(controlPlane);
    return all;
  }
}
