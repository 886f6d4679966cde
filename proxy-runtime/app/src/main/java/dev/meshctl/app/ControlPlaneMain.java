package dev.meshctl.app;

import dev.meshctl.app.config.ConfigFiles;
import dev.meshctl.app.config.ControlPlaneConfig;
import dev.meshctl.controlplane.ControlPlane;
import dev.meshctl.controlplane.intake.YamlConfigReader;
import dev.meshctl.controlplane.serve.PushSettings;
import dev.meshctl.identity.IdentityException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;

/** {@code ControlPlaneMain --config FILE [--lifeline]}: the control plane as a process. */
public final class ControlPlaneMain {
  static final String ROOT_NAMESPACE = "istio-system";

  private ControlPlaneMain() {}

  public static void main(String[] words) {
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
    return ControlPlane.start(
        new ControlPlane.Settings(
            config.mesh(),
            Version.current(),
            config.trustDomain(),
            Path.of(config.configFolder()),
            Path.of(config.inventoryFile()),
            Path.of(config.stateFolder()),
            Path.of(config.tokenKeyFile()),
            Addresses.resolve("grpcAddress", config.grpcAddress()),
            Addresses.resolve("queryAddress", config.queryAddress()),
            Duration.ofSeconds(config.certificateLifetimeSeconds()),
            push),
        new ControlPlane.Surroundings(
            InstantSource.system(),
            Thread::sleep,
            new SecureRandom(),
            new YamlConfigReader(config.trustDomain(), ROOT_NAMESPACE, InstantSource.system())));
  }
}
