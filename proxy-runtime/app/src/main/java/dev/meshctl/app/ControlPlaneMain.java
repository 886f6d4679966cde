package dev.meshctl.app;

import dev.meshctl.app.config.ConfigFiles;
import dev.meshctl.app.config.ControlPlaneConfig;
import dev.meshctl.controlplane.ControlPlane;
import dev.meshctl.controlplane.Patching;
import dev.meshctl.controlplane.intake.MeshIntake;
import dev.meshctl.controlplane.intake.YamlConfigReader;
import dev.meshctl.controlplane.serve.PushSettings;
import dev.meshctl.identity.CertificateAuthority;
import dev.meshctl.identity.IdentityException;
import dev.meshctl.identity.TokenVerifier;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * {@code ControlPlaneMain --config FILE [--lifeline]}: the control plane as a process. Without a
 * file it is the one of a cluster, {@link KubernetesControlPlaneMain}: an image has one program for
 * both.
 */
public final class ControlPlaneMain {
  static final String ROOT_NAMESPACE = "istio-system";

  private ControlPlaneMain() {}

  public static void main(String[] words) {
    if (!List.of(words).contains("--config")) {
      KubernetesControlPlaneMain.main(words);
      return;
    }
    // The JDK's HTTP server would hold back the second packet of an answer.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    Process.run(
        "control-plane",
        words,
        arguments ->
            start(
                ConfigFiles.readControlPlane(arguments.config()),
                PushVariables.read(System.getenv())));
  }

  static ControlPlane start(ControlPlaneConfig config, PushSettings push)
      throws IdentityException, IOException {
    Duration lifetime = Duration.ofSeconds(config.certificateLifetimeSeconds());
    InstantSource clock = InstantSource.system();
    return ControlPlane.start(
        new ControlPlane.Settings(
            config.mesh(),
            Version.current(),
            config.trustDomain(),
            Addresses.resolve("grpcAddress", config.grpcAddress()),
            Addresses.resolve("queryAddress", config.queryAddress()),
            ControlPlane.ServerNames.local(config.trustDomain()),
            lifetime,
            push),
        new ControlPlane.Foundations(
            CertificateAuthority.open(
                new CertificateAuthority.Settings(
                    config.trustDomain(), Path.of(config.stateFolder()), lifetime),
                clock,
                new SecureRandom()),
            new TokenVerifier(Path.of(config.tokenKeyFile()), clock),
            MeshIntake.of(
                Path.of(config.configFolder()),
                Path.of(config.inventoryFile()),
                new YamlConfigReader(config.trustDomain(), ROOT_NAMESPACE, clock)),
            accepted -> {},
            Optional.of(
                Patching.Settings.inFolder(Path.of(config.stateFolder()).resolve("runtimes")))),
        new ControlPlane.Surroundings(clock, Thread::sleep));
  }
}
