package dev.meshctl.app;

import dev.meshctl.capture.CapturePlan;
import dev.meshctl.capture.cni.CniFailure;
import dev.meshctl.capture.cni.CniRequest;
import dev.meshctl.capture.cni.Conflist;
import dev.meshctl.capture.pod.CaptureException;
import dev.meshctl.capture.pod.ChildPrograms;
import dev.meshctl.capture.pod.PodCapture;
import dev.meshctl.capture.pod.Programs;
import dev.meshctl.model.source.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A CNI plugin: redirects the traffic of a pod whose annotation asks for it, from the node, before
 * its containers start. Called by a container runtime without words; {@code CniMain install FOLDER
 * [NAMESERVER...]} puts it at the end of the node's list of plugins, {@code CniMain remove FOLDER}
 * takes it out again.
 */
public final class CniMain {
  private static final int FAILED = 1;

  /** There where the node's kernel has IPv6, whatever a pod has of it. */
  private static final Path SIX = Path.of("/proc/net/if_inet6");

  private CniMain() {}

  public static void main(String[] words) throws IOException {
    System.exit(words.length == 0 ? plugin() : edit(List.of(words)));
  }

  private static int plugin() throws IOException {
    String version = "1.0.0";
    try {
      String input = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
      CniRequest request = CniRequest.parse(System.getenv(), input);
      version = request.version();
      System.out.println(answer(request));
      return 0;
    } catch (CniFailure refused) {
      System.out.println(refused.json(version));
    } catch (IOException | CaptureException failed) {
      String reason = String.valueOf(failed.getMessage());
      System.out.println(
          new CniFailure(CniFailure.NOT_CAPTURED, "the pod is not captured: " + reason, "")
              .json(version));
    }
    return FAILED;
  }

  private static String answer(CniRequest request) throws IOException, CaptureException {
    switch (request.command()) {
      case "VERSION" -> {
        return CniRequest.versions();
      }
      case "ADD" -> {
        Optional<CapturePlan> plan = request.plan();
        if (plan.isPresent()) {
          String unused = capture(request.namespace()).apply(plan.get());
        }
        return request.result();
      }
      case "CHECK" -> {
        if (request.plan().isPresent() && !capture(request.namespace()).isApplied()) {
          throw new CniFailure(CniFailure.NOT_CAPTURED, "the pod's rules are gone", "");
        }
        return "";
      }
      default -> {
        // DEL: the rules go with the namespace. STATUS, GC: nothing is kept.
        return "";
      }
    }
  }

  /** The programs run in the pod's network and with the node's files. */
  private static PodCapture capture(String namespace) {
    Programs children = new ChildPrograms();
    Programs within =
        (command, input) -> {
          List<String> words = new ArrayList<>(List.of("nsenter", "--net=" + namespace));
          words.addAll(command);
          return children.run(words, input);
        };
    return new PodCapture(within, Files.exists(SIX));
  }

  private static int edit(List<String> words) throws IOException {
    if (words.size() < 2 || !List.of("install", "remove").contains(words.getFirst())) {
      System.err.println(
          "cni: " + words + " (expected: install FOLDER [NAMESERVER...], or remove FOLDER)");
      return 2;
    }
    Path folder = Path.of(words.get(1));
    List<String> names;
    try (Stream<Path> files = Files.list(folder)) {
      names = files.map(file -> file.getFileName().toString()).toList();
    }
    Optional<String> inForce = Conflist.inForce(names);
    if (inForce.isEmpty()) {
      System.err.println(
          "cni: no list of plugins in " + folder + "; is the node's network installed?");
      return FAILED;
    }
    Path file = folder.resolve(inForce.get());
    String before = Files.readString(file);
    String after =
        words.getFirst().equals("install")
            ? Conflist.with(before, words.subList(2, words.size()))
            : Conflist.without(before);
    if (!after.equals(before)) {
      AtomicFile.write(file, after);
    }
    System.out.println("cni: " + file + (after.equals(before) ? ": nothing to do" : ": changed"));
    return 0;
  }
}
