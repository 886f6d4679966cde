package dev.meshctl.controlplane.intake;

import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.reading.ClusterContents;
import dev.meshctl.cluster.reading.ClusterSource;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.source.Position;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.ObjectwiseValidator;
import dev.meshctl.model.validation.ObjectwiseValidator.Outcome;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.MeshInventory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Follows a cluster; hands each configuration on that differs from the one in force. Before all of
 * the cluster has been read nothing is handed on: half a mesh would be served as a whole one. What
 * is wrong with one object holds up no other ({@link ObjectwiseValidator}).
 *
 * <p>Thread: one of its own does all; {@link #status} is for any.
 */
public final class ClusterIntake implements Intake {
  private static final System.Logger LOG = System.getLogger(ClusterIntake.class.getName());
  private static final Position EVERYWHERE = new Position("cluster", 1, 1);
  private static final String TRANSLATION_CODE = "MESH0903";

  /** Certificates may have ended meanwhile. */
  private static final Duration JUDGED_AGAIN_AFTER = Duration.ofMinutes(1);

  private final String trustDomain;
  private final String rootNamespace;
  private final InstantSource clock;
  private final Debounce debounce;
  private final Consumer<MeshConfiguration> accepted;
  private final ClusterSource source;
  private final Thread thread;
  private final Object lock = new Object();
  private boolean dirty = true;
  private boolean closed;

  private Map<ResourceId, List<Located<? extends MeshResource>>> inForce = Map.of();
  private @Nullable ValidatedMesh mesh;
  private long generation;
  private volatile IntakeStatus status = IntakeStatus.NOTHING;

  private ClusterIntake(
      ClusterConnection connection,
      String trustDomain,
      String rootNamespace,
      InstantSource clock,
      Debounce debounce,
      Consumer<MeshConfiguration> accepted) {
    this.trustDomain = trustDomain;
    this.rootNamespace = rootNamespace;
    this.clock = clock;
    this.debounce = debounce;
    this.accepted = accepted;
    this.source = ClusterSource.start(connection, this::changed);
    this.thread = Thread.ofPlatform().daemon().name("intake").unstarted(this::follow);
  }

  /**
   * Of a cluster.
   *
   * @param rootNamespace where what holds for the whole mesh is written
   */
  public static Source of(
      ClusterConnection connection, String trustDomain, String rootNamespace, InstantSource clock) {
    return (debounce, accepted) -> {
      ClusterIntake intake =
          new ClusterIntake(connection, trustDomain, rootNamespace, clock, debounce, accepted);
      intake.thread.start();
      return intake;
    };
  }

  @Override
  public IntakeStatus status() {
    return status;
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
    }
    source.close();
    try {
      thread.join(2000);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void changed() {
    synchronized (lock) {
      dirty = true;
      lock.notifyAll();
    }
  }

  private void follow() {
    try {
      while (awaitChange()) {
        try {
          look();
        } catch (RuntimeException bug) {
          LOG.log(System.Logger.Level.ERROR, "the cluster could not be looked at", bug);
        }
      }
    } catch (InterruptedException end) {
      // As good as close().
    }
  }

  /** False where closed. */
  private boolean awaitChange() throws InterruptedException {
    synchronized (lock) {
      long again = System.nanoTime() + JUDGED_AGAIN_AFTER.toNanos();
      while (!dirty && !closed && System.nanoTime() < again) {
        waitNanos(again - System.nanoTime());
      }
      long latest = System.nanoTime() + debounce.longest().toNanos();
      while (dirty && !closed && System.nanoTime() < latest) {
        dirty = false;
        waitNanos(Math.min(debounce.after().toNanos(), latest - System.nanoTime()));
      }
      dirty = false;
      return !closed;
    }
  }

  private void waitNanos(long nanos) throws InterruptedException {
    lock.wait(Math.max(1, nanos / 1_000_000));
  }

  private void look() {
    ClusterContents contents = source.contents();
    List<Diagnostic> findings = new ArrayList<>(contents.findings());
    if (!contents.complete()) {
      findings.add(
          DiagnosticCode.NOT_READ_YET.at(
              "cluster",
              EVERYWHERE,
              "",
              "has not been read whole yet, so nothing of it is in force"));
      status = new IntakeStatus(generation, false, Map.of(), findings);
      return;
    }
    Outcome outcome =
        ObjectwiseValidator.validate(
            trustDomain, rootNamespace, contents.candidates(), inForce, clock.instant());
    inForce = outcome.inForce();
    findings.addAll(outcome.diagnostics());
    boolean served = true;
    if (!outcome.mesh().equals(mesh)) {
      served = handOn(outcome.mesh(), findings);
    }
    status =
        new IntakeStatus(generation, served && outcome.allNewest(), contents.versions(), findings);
  }

  /** A mesh that is valid and cannot be served is a bug of ours: told, and survived. */
  private boolean handOn(ValidatedMesh fresh, List<Diagnostic> findings) {
    try {
      accepted.accept(new MeshConfiguration(generation + 1, fresh, MeshInventory.EMPTY));
      generation++;
      mesh = fresh;
      return true;
    } catch (RuntimeException bug) {
      LOG.log(System.Logger.Level.ERROR, "a valid mesh cannot be served", bug);
      findings.add(
          finding(
              TRANSLATION_CODE,
              "is valid but cannot be served: " + bug,
              "undo the last change, and report this"));
      return false;
    }
  }

  private static Diagnostic finding(String code, String problem, String fix) {
    return new Diagnostic(
        code, Diagnostic.Severity.WARNING, "cluster", EVERYWHERE, "", problem, fix);
  }
}
