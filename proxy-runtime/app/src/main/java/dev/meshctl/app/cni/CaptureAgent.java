package dev.meshctl.app.cni;

import dev.meshctl.app.cni.AgentSocket.Answer;
import dev.meshctl.app.cni.AgentSocket.Question;
import dev.meshctl.capture.CapturePlan;
import dev.meshctl.capture.cni.CniFailure;
import dev.meshctl.capture.cni.CniRequest;
import dev.meshctl.capture.cni.Conflist;
import dev.meshctl.capture.pod.CaptureException;
import dev.meshctl.capture.pod.ChildPrograms;
import dev.meshctl.capture.pod.PodCapture;
import dev.meshctl.capture.pod.Programs;
import dev.meshctl.net.loop.Loops;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Captures the pods of a node that ask for it, when the container runtime makes their network.
 *
 * <p>On the node it has a program and a socket in the folder of plugins, and an entry in the list
 * of plugins in force, which it follows. The entry comes last and goes first, so that no list names
 * a program that is not there. When another agent will take over, all but the socket stay: pods
 * that ask are then refused, and tried again by the kubelet, until it is there.
 *
 * <p>Thread: any.
 */
public final class CaptureAgent implements AutoCloseable {
  /** Its name in the folder of plugins, and of the network configuration's entry. */
  private static final String PROGRAM = Conflist.TYPE;

  private static final System.Logger LOG = System.getLogger(CaptureAgent.class.getName());

  /** There where the node's kernel has IPv6, whatever a pod has of it. */
  private static final Path SIX = Path.of("/proc/net/if_inet6");

  /** The program's own, where it cannot enter a network. */
  private static final int NOT_ENTERED = 126;

  private final Folders folders;
  private final BooleanSupplier stays;
  private final Programs programs = new ChildPrograms();
  private final NetworkFolder networks;
  private final Loops loops;
  private final AgentSocket socket;
  private final FolderWatch watch;

  /** Where our plugin is in force, or why it is not. */
  private volatile Standing standing = new Standing(false, "has not begun");

  private record Standing(boolean well, String text) {}

  /**
   * Of the node, as this process sees them.
   *
   * @param program ours, to be put on the node; it also enters networks for us
   * @param plugins where the container runtime looks for plugins
   * @param networks where it looks for lists of them
   */
  public record Folders(Path program, Path plugins, Path networks) {}

  private CaptureAgent(Folders folders, BooleanSupplier stays) throws IOException {
    this.folders = folders;
    this.stays = stays;
    this.networks = new NetworkFolder(folders.networks());
    putProgram();
    this.loops = Loops.start(1, "cni");
    this.socket =
        new AgentSocket(loops, folders.plugins().resolve(PROGRAM + ".sock"), this::answer);
    this.watch = new FolderWatch(folders.networks(), this::join);
  }

  /**
   * Starts; where the node has no network yet, it waits for one.
   *
   * @param stays asked at the end: whether another agent will take over
   * @throws IOException where the node's folders cannot be written to
   */
  public static CaptureAgent start(Folders folders, BooleanSupplier stays) throws IOException {
    return new CaptureAgent(folders, stays);
  }

  private void putProgram() throws IOException {
    Path target = folders.plugins().resolve(PROGRAM);
    if (Files.exists(target) && Files.mismatch(target, folders.program()) < 0) {
      return;
    }
    Path fresh = fresh();
    Files.copy(folders.program(), fresh, StandardCopyOption.REPLACE_EXISTING);
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
  }

  private Path fresh() {
    return folders.plugins().resolve("." + PROGRAM + ".new");
  }

  private void join() {
    Standing now;
    try {
      Path file = networks.join();
      networks.leaveAll(Optional.of(file));
      now = new Standing(true, "pods that ask are captured: " + file);
    } catch (IOException waits) {
      now = new Standing(false, "pods are not captured: " + waits.getMessage());
    }
    if (!now.equals(standing)) {
      LOG.log(now.well() ? System.Logger.Level.INFO : System.Logger.Level.WARNING, now.text());
      standing = now;
    }
  }

  private Answer answer(Question question) {
    String version = "1.0.0";
    try {
      if (question.command().equals("READY")) {
        return new Answer(standing.well(), standing.text());
      }
      CniRequest request = CniRequest.parse(question.configuration());
      version = request.version();
      return new Answer(true, answer(question, request));
    } catch (CniFailure refused) {
      return refused(question, refused, version);
    } catch (IOException | CaptureException | RuntimeException failed) {
      String reason = "the pod is not captured: " + failed.getMessage();
      return refused(question, new CniFailure(CniFailure.NOT_CAPTURED, reason, ""), version);
    }
  }

  private static Answer refused(Question question, CniFailure why, String version) {
    LOG.log(System.Logger.Level.WARNING, question.pod() + ": " + why.getMessage());
    return new Answer(false, why.json(version) + "\n");
  }

  private String answer(Question question, CniRequest request)
      throws IOException, CaptureException {
    Optional<CapturePlan> plan = request.plan();
    if (plan.isEmpty()) {
      return question.command().equals("ADD") ? request.result() + "\n" : "";
    }
    PodCapture capture = new PodCapture(within(question.network()), Files.exists(SIX));
    switch (question.command()) {
      case "ADD" -> {
        String done = capture.apply(plan.get());
        LOG.log(System.Logger.Level.INFO, question.pod() + ": " + done);
        return request.result() + "\n";
      }
      case "CHECK" -> {
        if (!capture.isApplied()) {
          throw new CniFailure(CniFailure.NOT_CAPTURED, "the pod's rules are gone", "");
        }
        return "";
      }
      default -> throw new IOException("the plugin asks for " + question.command());
    }
  }

  /** The image's programs in a pod's network. */
  private Programs within(int network) {
    String entered = "/proc/" + ProcessHandle.current().pid() + "/fd/" + network;
    return (command, input) -> {
      List<String> words = new ArrayList<>(List.of(folders.program().toString(), "enter", entered));
      words.addAll(command);
      Programs.Ran ran = programs.run(words, input);
      if (ran.status() == NOT_ENTERED) {
        throw new IOException(
            ran.err().strip() + "; the node agent needs the capabilities SYS_ADMIN and NET_ADMIN");
      }
      return ran;
    };
  }

  @Override
  public void close() throws IOException {
    watch.close();
    boolean another = stays.getAsBoolean();
    if (another) {
      LOG.log(System.Logger.Level.INFO, "ends, and leaves its plugin to the agent after it");
    } else {
      networks.leaveAll(Optional.empty());
    }
    socket.close();
    if (!another) {
      Files.deleteIfExists(folders.plugins().resolve(PROGRAM));
      Files.deleteIfExists(fresh());
      LOG.log(System.Logger.Level.INFO, "ends, and leaves nothing on the node");
    }
    loops.close();
  }
}
