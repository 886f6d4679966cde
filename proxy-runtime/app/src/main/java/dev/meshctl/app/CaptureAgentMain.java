package dev.meshctl.app;

import dev.meshctl.app.cni.CaptureAgent;
import dev.meshctl.app.cni.CaptureAgent.Folders;
import dev.meshctl.app.cni.OwnDaemonSet;
import dev.meshctl.cluster.ClusterAccess;
import dev.meshctl.cluster.ClusterConnection;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * {@code CaptureAgentMain --program FILE --plugins DIR --networks DIR [--daemon-set NAMESPACE/NAME]
 * [--lifeline]}: captures the pods of a node that ask for it. At its end it leaves nothing on the
 * node, unless its DaemonSet stays.
 */
public final class CaptureAgentMain {
  private CaptureAgentMain() {}

  public static void main(String[] words) {
    Process.run(
        "node-agent",
        words,
        AgentArguments::parse,
        arguments -> CaptureAgent.start(arguments.folders(), stays(arguments.daemonSet())));
  }

  private static BooleanSupplier stays(String daemonSet) throws Exception {
    int slash = daemonSet.indexOf('/');
    if (slash < 0) {
      return () -> false;
    }
    ClusterConnection cluster = ClusterConnection.open(new ClusterAccess.InCluster());
    OwnDaemonSet own =
        new OwnDaemonSet(cluster, daemonSet.substring(0, slash), daemonSet.substring(slash + 1));
    // What asks is loaded now: at the end there is little time, and a busy node gives us little of
    // it.
    Thread unused = Thread.ofVirtual().name("first-question").start(own::stays);
    return own::stays;
  }

  /**
   * Arguments of this main.
   *
   * @param daemonSet NAMESPACE/NAME, or empty
   */
  record AgentArguments(Folders folders, String daemonSet, boolean lifeline)
      implements Process.Lifeline {
    private static final Set<String> NAMES =
        Set.of("--program", "--plugins", "--networks", "--daemon-set");

    static AgentArguments parse(String main, List<String> words) {
      Map<String, String> values = new HashMap<>();
      boolean lifeline = false;
      for (int i = 0; i < words.size(); i++) {
        if (words.get(i).equals("--lifeline")) {
          lifeline = true;
        } else if (NAMES.contains(words.get(i)) && i + 1 < words.size()) {
          values.put(words.get(i), words.get(++i));
        } else {
          throw usage(main, "what is " + words.get(i) + "?");
        }
      }
      return new AgentArguments(
          new Folders(
              path(main, values, "--program"),
              path(main, values, "--plugins"),
              path(main, values, "--networks")),
          values.getOrDefault("--daemon-set", ""),
          lifeline);
    }

    private static Path path(String main, Map<String, String> values, String name) {
      String value = values.get(name);
      if (value == null) {
        throw usage(main, name + " is missing");
      }
      return Path.of(value);
    }

    private static IllegalArgumentException usage(String main, String what) {
      return new IllegalArgumentException(
          main
              + ": "
              + what
              + " (expected: --program FILE --plugins DIR --networks DIR [--daemon-set"
              + " NAMESPACE/NAME] [--lifeline])");
    }
  }
}
