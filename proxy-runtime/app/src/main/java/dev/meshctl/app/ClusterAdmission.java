package dev.meshctl.app;

import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterEvents;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ObjectKind;
import dev.meshctl.identity.CurrentIdentity;
import dev.meshctl.injector.mutation.InjectionSettings;
import dev.meshctl.injector.mutation.SettingsText;
import dev.meshctl.injector.webhook.AdmissionEvents;
import dev.meshctl.injector.webhook.InjectionWebhook;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.source.Located;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * The webhook of one replica, with what it asks the cluster: settings from a mounted file, labels
 * of namespaces and events from and to the API.
 *
 * <p>Thread: that of the request.
 */
final class ClusterAdmission {
  private static final System.Logger LOG = System.getLogger(ClusterAdmission.class.getName());
  private static final ObjectKind NAMESPACE = new ObjectKind("v1", "Namespace");

  /** Half of the API server's usual patience. */
  private static final Duration DEADLINE = Duration.ofSeconds(5);

  /** Events that are on their way; more of them are a flood that nobody reads. */
  private static final int MAX_EVENTS = 16;

  private final ClusterConnection connection;
  private final ClusterEvents events;
  private final InstantSource clock;
  private final Semaphore places = new Semaphore(MAX_EVENTS);

  private ClusterAdmission(ClusterConnection connection, String reporter, InstantSource clock) {
    this.connection = connection;
    this.events =
        new ClusterEvents(
            connection.objects(), new ClusterEvents.Reporter("meshctl.dev/injector", reporter));
    this.clock = clock;
  }

  /**
   * Starts to answer, if the file of settings is there: without it nobody wants sidecars of this
   * control plane.
   *
   * @param mesh what is in force, for warnings
   * @throws IOException where the settings do not read or the address cannot be bound
   */
  static Optional<InjectionWebhook> start(
      ClusterConnection connection,
      KubernetesVariables told,
      CurrentIdentity identity,
      InstantSource clock,
      Supplier<? extends Collection<Located<? extends MeshResource>>> mesh)
      throws IOException {
    if (!Files.exists(told.injectorSettings())) {
      LOG.log(
          System.Logger.Level.INFO,
          "no sidecars are injected: there is no {0}",
          told.injectorSettings());
      return Optional.empty();
    }
    ClusterAdmission cluster = new ClusterAdmission(connection, told.replica(), clock);
    Settings settings = new Settings(told.injectorSettings());
    return Optional.of(
        InjectionWebhook.start(
            new InjectionWebhook.Settings(
                told.webhook(),
                identity,
                settings::now,
                cluster::labels,
                told.trustDomain(),
                told.rootNamespace(),
                mesh::get,
                cluster::refused,
                DEADLINE)));
  }

  /** Asked for each pod: a copy kept here could be older than the label that somebody just set. */
  private Optional<Map<String, String>> labels(String namespace) {
    try {
      return connection
          .objects()
          .get(NAMESPACE, Optional.empty(), namespace)
          .map(ClusterObject::labels);
    } catch (ClusterException unknown) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the labels of namespace {0} are not known: {1}",
          namespace,
          unknown.getMessage());
      return Optional.empty();
    }
  }

  /** As {@link AdmissionEvents}: told by another thread, or not at all where too many are. */
  private void refused(String namespace, String kind, String name, String message) {
    if (!places.tryAcquire()) {
      return;
    }
    Thread.ofVirtual()
        .name("admission-event")
        .start(() -> {
          try {
            events.tell(
                ClusterEvents.Subject.named(
                    new ObjectKind(apiVersion(kind), kind), namespace, name),
                new ClusterEvents.News(ClusterEvents.Type.WARNING, "SidecarRefused", message),
                clock.instant());
          } catch (ClusterException untold) {
            LOG.log(
                System.Logger.Level.WARNING,
                "no event of {0} {1}/{2} ({3}): {4}",
                kind,
                namespace,
                name,
                message,
                untold.getMessage());
          } finally {
            places.release();
          }
        });
  }

  /** Of the kinds that create pods. */
  private static String apiVersion(String kind) {
    return switch (kind) {
      case "Pod", "ReplicationController" -> "v1";
      case "Job", "CronJob" -> "batch/v1";
      default -> "apps/v1";
    };
  }

  /** The mounted settings, read again when they changed; the last good ones stay in force. */
  private static final class Settings {
    private final Path file;
    private String text;
    private InjectionSettings inForce;

    Settings(Path file) throws IOException {
      this.file = file;
      this.text = Files.readString(file);
      this.inForce = read(text);
    }

    synchronized InjectionSettings now() {
      try {
        String present = Files.readString(file);
        if (!present.equals(text)) {
          text = present;
          inForce = read(present);
        }
      } catch (IOException unusable) {
        LOG.log(
            System.Logger.Level.WARNING,
            "{0} is broken, the last good settings stay in force: {1}",
            file,
            unusable.getMessage());
      }
      return inForce;
    }

    private InjectionSettings read(String written) throws IOException {
      return SettingsText.read(file.toString(), written, InjectionSettings.of("", ""));
    }
  }
}
