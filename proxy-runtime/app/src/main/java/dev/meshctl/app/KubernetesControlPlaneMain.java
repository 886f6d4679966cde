package dev.meshctl.app;

import dev.meshctl.cluster.ClusterAccess;
import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.Leadership;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code KubernetesControlPlaneMain [--kubeconfig FILE] [--lifeline]}: the control plane of a
 * cluster, as one of its replicas. Without a kubeconfig it is in a pod; what the pod is told stands
 * in {@link KubernetesVariables}.
 */
public final class KubernetesControlPlaneMain {
  private KubernetesControlPlaneMain() {}

  public static void main(String[] words) {
    // The JDK's HTTP server would hold back the second packet of an answer.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    Process.run(
        "control-plane",
        words,
        KubernetesArguments::parse,
        arguments -> {
          Map<String, String> environment = System.getenv();
          ClusterConnection connection = ClusterConnection.open(arguments.access());
          return KubernetesControlPlane.start(
              connection,
              KubernetesVariables.read(environment),
              PushVariables.read(environment),
              Leadership.Terms.USUAL);
        });
  }

  /** Arguments of this main. */
  record KubernetesArguments(ClusterAccess access, boolean lifeline) implements Process.Lifeline {
    static KubernetesArguments parse(String main, List<String> words) {
      ClusterAccess access = new ClusterAccess.InCluster();
      boolean lifeline = false;
      for (int i = 0; i < words.size(); i++) {
        String word = words.get(i);
        if (word.equals("--lifeline")) {
          lifeline = true;
        } else if (word.equals("--kubeconfig") && i + 1 < words.size()) {
          access =
              new ClusterAccess.Kubeconfig(Optional.of(Path.of(words.get(++i))), Optional.empty());
        } else {
          throw new IllegalArgumentException(
              main
                  + ": what is "
                  + word
                  + "? (expected: [--kubeconfig FILE] [--lifeline]; in a pod nothing)");
        }
      }
      return new KubernetesArguments(access, lifeline);
    }
  }
}
