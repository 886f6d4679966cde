package dev.meshctl.integration.cluster;

import dev.meshctl.model.testkit.Judges;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A cluster of our own, by the scripts in {@code proxy-runtime/integration-tests/kube}. {@code
 * kube-hold} keeps it for as long as this process holds the other end of its standard input:
 * however this process ends, the kernel closes that, and the cluster goes down.
 */
final class HeldCluster implements Cluster {
  /** Of the scripts: this machine cannot have such a cluster. */
  private static final int LACKING = 69;

  private static final Duration GOES_DOWN = Duration.ofSeconds(60);

  private final Process holder;
  private final Path folder;
  private final Path kubeconfig;
  private final String kubectl;
  private final Optional<String> withoutNodes;

  private HeldCluster(Process holder, Path folder, Path kubeconfig, Optional<String> withoutNodes) {
    this.holder = holder;
    this.folder = folder;
    this.kubeconfig = kubeconfig;
    this.kubectl =
        Output.of(
                new ProcessBuilder(
                    script("kube-in"), "--dir", folder.toString(), "which", "kubectl"),
                "",
                GOES_DOWN)
            .text();
    this.withoutNodes = withoutNodes;
  }

  /** This machine cannot; the message says what it lacks. */
  static final class Lacking extends Exception {
    private static final long serialVersionUID = 1;

    final String what;

    Lacking(String what) {
      super(what);
      this.what = what;
    }
  }

  /** One with two nodes, or with none where nodes cannot be had. */
  static HeldCluster start() throws Lacking {
    try {
      return start(List.of("--nodes", "2", "--dns"), Optional.empty());
    } catch (Lacking nodes) {
      System.err.println("SKIPPED: every test that needs nodes: " + nodes.what);
      return start(List.of("--nodes", "0"), Optional.of(nodes.what));
    }
  }

  /** An API server alone, which calls this process as well as anybody. */
  static HeldCluster startAlone() throws Lacking {
    return start(List.of("--nodes", "0"), Optional.of("an API server alone was asked for"));
  }

  /** The path of a script of the kit. */
  static String script(String name) {
    return Judges.root().resolve("proxy-runtime/integration-tests/kube").resolve(name).toString();
  }

  private static HeldCluster start(List<String> options, Optional<String> withoutNodes)
      throws Lacking {
    try {
      Path folder = Files.createTempDirectory("meshctl-cluster-");
      // Of a name of its own: several checkouts, and several runs of one, are side by side.
      String name =
          "it-"
              + Long.toString(ProcessHandle.current().pid(), Character.MAX_RADIX)
              + (withoutNodes.isPresent() ? "-alone" : "");
      List<String> command =
          new ArrayList<>(
              List.of("setsid", script("kube-hold"), "--name", name, "--dir", folder.toString()));
      command.addAll(options);
      ProcessBuilder builder = new ProcessBuilder(command);
      builder
          .environment()
          .put(
              "KUBE_LOGS", logs().resolve(withoutNodes.isPresent() ? "alone" : "nodes").toString());
      Process holder = builder.start();
      StringBuilder said = new StringBuilder();
      Thread progress = Thread.ofPlatform().daemon().start(() -> pass(holder, said));
      String kubeconfig = holder.inputReader().readLine();
      if (kubeconfig != null) {
        return new HeldCluster(holder, folder, Path.of(kubeconfig), withoutNodes);
      }
      holder.getOutputStream().close();
      int exit = holder.waitFor();
      progress.join();
      Files.deleteIfExists(folder.resolve("apt.log"));
      Files.deleteIfExists(folder);
      if (exit == LACKING) {
        throw new Lacking(said.toString().lines().reduce("", (a, b) -> b));
      }
      throw new IllegalStateException(
          "kube-hold ended with " + exit + " (logs in " + logs() + "):\n" + said);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Path logs() {
    return Judges.root().resolve("proxy-runtime/integration-tests/target/cluster");
  }

  /**
   * A build of many minutes is watched as it goes. Not by a virtual thread: reading a pipe, each
   * keeps a carrier for as long as its cluster stands, and two cores have two.
   */
  private static void pass(Process holder, StringBuilder said) {
    try (BufferedReader lines = holder.errorReader()) {
      lines
          .lines()
          .forEach(line -> {
            System.err.println("cluster: " + line);
            said.append(line).append('\n');
          });
    } catch (IOException | UncheckedIOException closed) {
      // It has ended.
    }
  }

  @Override
  public Path kubeconfig() {
    return kubeconfig;
  }

  @Override
  public String kubectl() {
    return kubectl;
  }

  @Override
  public Optional<String> withoutNodes() {
    return withoutNodes;
  }

  @Override
  public Optional<List<String>> load() {
    return Optional.of(kit("kube-load"));
  }

  @Override
  public Optional<List<String>> inNetwork() {
    return Optional.of(kit("kube-in"));
  }

  @Override
  public Optional<List<String>> inNode(String node) {
    List<String> command = new ArrayList<>(kit("kube-in"));
    command.addAll(List.of("--node", node));
    return Optional.of(command);
  }

  @Override
  public Optional<List<String>> kill() {
    return Optional.of(kit("kube-kill"));
  }

  @Override
  public Optional<List<String>> restore() {
    return Optional.of(kit("kube-up"));
  }

  private List<String> kit(String name) {
    return List.of(script(name), "--dir", folder.toString());
  }

  @Override
  public void close() {
    try {
      holder.getOutputStream().close();
      if (!holder.waitFor(GOES_DOWN)) {
        throw new IllegalStateException("the cluster in " + folder + " did not go down");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
