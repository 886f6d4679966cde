package dev.meshctl.cli.security;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.command.MeshOption;
import dev.meshctl.cli.render.Output;
import dev.meshctl.identity.IdentityException;
import dev.meshctl.identity.TrustFolder.Phase;
import dev.meshctl.identity.TrustFolder.State;
import java.io.Closeable;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Does what {@link Rotation} says to a mesh, and tells what it does.
 *
 * <p>Thread: one; blocking.
 */
final class RotationRun implements Closeable {
  private static final int MOST_NAMED = 3;

  private final RotatedMesh mesh;
  private final Output output;
  private String told = "";

  private RotationRun(RotatedMesh mesh, Output output) {
    this.mesh = mesh;
    this.output = output;
  }

  static RotationRun of(MeshOption option, Session session) {
    return new RotationRun(
        option.onCluster()
            ? new ClusterRotation(option.cluster(), session.output())
            : LocalRotation.of(option, session),
        session.output());
  }

  /** Says what {@link #rotate} would do. */
  void plan() throws IOException {
    mesh.requireAble();
    State now = state();
    output.line(name(now.signing()) + " signs, phase " + now.phase());
    switch (now.phase()) {
      case STEADY -> {
        output.line("1. a new root is made, and trusted beside it by every proxy");
        output.line("2. the new one signs, and every proxy renews its certificate");
        output.line("3. the old one is trusted no more, its key is deleted");
      }
      case SPREADING -> {
        output.line("2. the other root signs, and every proxy renews its certificate");
        output.line("3. this one is trusted no more, its key is deleted");
      }
      case RENEWING ->
          output.line(
              "3. once every proxy has renewed, the other root is trusted no more, its key is"
                  + " deleted");
    }
    output.note("nothing was done");
  }

  void rotate(Duration timeout) throws IOException, InterruptedException {
    try (Closeable alone = mesh.alone()) {
      mesh.requireAble();
      if (state().phase() == Phase.STEADY) {
        say("a new root is made");
        step(mesh::begin);
      }
      untilDone(timeout);
    }
  }

  void undo(Duration timeout) throws IOException, InterruptedException {
    try (Closeable alone = mesh.alone()) {
      if (state().phase() == Phase.STEADY) {
        throw CommandFailure.refused(
            "no root takes the place of another, so there is nothing to undo",
            List.of(),
            "see meshctl trust status");
      }
      step(mesh::undo);
      say("back to " + name(state().signing()));
      untilDone(timeout);
    }
  }

  private void untilDone(Duration timeout) throws IOException, InterruptedException {
    Instant end = Instant.now().plus(timeout);
    while (Instant.now().isBefore(end)) {
      Optional<Rotation.Seen> seen = seen();
      if (seen.isPresent()) {
        switch (Rotation.next(kept(), seen.get())) {
          case Rotation.Next.Restart() -> {
            say("the control plane starts anew");
            mesh.restart();
          }
          case Rotation.Next.Wait(var until, var whom) ->
              say("waiting until " + until + ": " + some(whom));
          case Rotation.Next.Swap() -> {
            step(mesh::swap);
            say("every proxy trusts both roots; " + name(state().signing()) + " signs now");
          }
          case Rotation.Next.Finish() -> {
            step(mesh::finish);
            say("every proxy has renewed; the other root is trusted no more");
          }
          case Rotation.Next.Done() -> {
            output.line(name(state().signing()) + " signs, and is trusted alone");
            return;
          }
        }
      }
      Thread.sleep(mesh.look());
    }
    throw CommandFailure.failed(
        "not done in " + timeout.toSeconds() + " s",
        List.of(told),
        "the same command goes on where this one stopped; meshctl trust undo goes back");
  }

  private static String some(List<String> whom) {
    String named =
        whom.stream().limit(MOST_NAMED).map(CertText::instance).collect(Collectors.joining(", "));
    int more = whom.size() - MOST_NAMED;
    return more > 0 ? named + " and " + more + " more" : named;
  }

  /** Once for as long as it stays the same. */
  private void say(String what) {
    if (!what.equals(told)) {
      told = what;
      output.note(what);
    }
  }

  private interface Step {
    void take() throws IOException, IdentityException;
  }

  private static void step(Step step) throws IOException {
    try {
      step.take();
    } catch (IdentityException failed) {
      throw unusable(failed);
    }
  }

  private static CommandFailure unusable(IdentityException failed) {
    return CommandFailure.failed(
        String.valueOf(failed.getMessage()), "see meshctl trust status, and try again");
  }

  private State state() throws IOException {
    try {
      return mesh.state();
    } catch (IdentityException failed) {
      throw unusable(failed);
    }
  }

  private Optional<Rotation.Seen> seen() throws IOException {
    try {
      return mesh.seen();
    } catch (IdentityException failed) {
      throw unusable(failed);
    }
  }

  private Rotation.Files kept() throws IOException {
    return kept(state());
  }

  static Rotation.Files kept(State state) {
    return new Rotation.Files(
        state.phase(),
        name(state.signing()),
        state.trusted().stream().map(RotationRun::name).collect(Collectors.toSet()));
  }

  private static String name(X509Certificate root) {
    return root.getSubjectX500Principal().getName();
  }

  @Override
  public void close() throws IOException {
    mesh.close();
  }
}
