package dev.meshctl.cli.check;

import dev.meshctl.cli.context.RunningMeshes;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.MeshQueryException;
import dev.meshctl.model.query.MeshStatus;
import dev.meshctl.model.query.RunningMesh;
import dev.meshctl.model.validation.Diagnostic;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** How the meshes of this user stand. */
public final class MeshChecks {
  private static final Duration SOON = Duration.ofDays(7);

  private final RunningMeshes meshes;
  private final Clock clock;

  public MeshChecks(RunningMeshes meshes, Clock clock) {
    this.meshes = meshes;
    this.clock = clock;
  }

  public List<Finding> run() {
    List<Finding> findings = new ArrayList<>();
    for (RunningMesh gone : meshes.abandoned()) {
      findings.add(
          Finding.warning(
              "mesh " + gone.name(),
              "its supervisor (process " + gone.supervisorPid() + ") is gone",
              "meshctl local down " + gone.name()));
    }
    List<RunningMesh> running = meshes.running();
    if (running.isEmpty()) {
      findings.add(Finding.ok("mesh", "none runs"));
    }
    running.forEach(mesh -> findings.addAll(check(mesh)));
    return findings;
  }

  private List<Finding> check(RunningMesh mesh) {
    String subject = "mesh " + mesh.name();
    List<Finding> findings = new ArrayList<>();
    try (MeshClient client = MeshClient.of(mesh.endpoint())) {
      MeshStatus status = client.status();
      findings.add(
          Finding.ok(
              subject,
              "control plane answers at "
                  + mesh.endpoint().url()
                  + ", configuration "
                  + status.generation()
                  + ", "
                  + mesh.capture()
                  + " capture"));
      findings.add(configuration(subject, status));
      findings.add(authority(subject, mesh));
      findings.addAll(
          ProxyFindings.of(
              subject, ProxyFindings.ask(client), view -> "look at `meshctl local status`"));
    } catch (MeshQueryException failure) {
      findings.add(Finding.error(subject, String.valueOf(failure.getMessage()), failure.fix()));
    }
    return findings;
  }

  private static Finding configuration(String subject, MeshStatus status) {
    if (status.accepted()) {
      return Finding.ok(subject, status.sources().size() + " files read and in force");
    }
    String first =
        status.diagnostics().stream()
            .filter(d -> d.severity() == Diagnostic.Severity.ERROR)
            .map(Diagnostic::toString)
            .findFirst()
            .orElse("the newest configuration is broken");
    return Finding.error(
        subject, "the last good configuration is in force: " + first, "correct the file");
  }

  private Finding authority(String subject, RunningMesh mesh) {
    String file = mesh.endpoint().trustBundleFile();
    try (InputStream pem = Files.newInputStream(Path.of(file))) {
      X509Certificate root =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
      Instant end = root.getNotAfter().toInstant();
      Instant now = clock.instant();
      String found = "trust anchor valid until " + end;
      if (end.isBefore(now)) {
        return Finding.error(subject, found + ": expired", "start the mesh anew");
      }
      return end.isBefore(now.plus(SOON))
          ? Finding.warning(subject, found, "start the mesh anew before that")
          : Finding.ok(subject, found);
    } catch (IOException | CertificateException e) {
      return Finding.error(
          subject, file + ": " + e.getMessage(), "start the mesh anew, which writes it");
    }
  }
}
