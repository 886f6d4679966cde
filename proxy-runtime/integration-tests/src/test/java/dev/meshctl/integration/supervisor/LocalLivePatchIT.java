package dev.meshctl.integration.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cli.local.process.ChildProcesses;
import dev.meshctl.cli.local.process.Generations;
import dev.meshctl.cli.local.process.ProcessSpec;
import dev.meshctl.cli.local.process.ReadinessProbe;
import dev.meshctl.cli.local.process.SupervisedProcess;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** The same under the launcher of a mesh on one machine. */
class LocalLivePatchIT extends LivePatchIT {
  private @Nullable ChildProcesses children;
  private @Nullable SupervisedProcess process;

  @Override
  void startProxy(Path folder, Path shipped, Path bootstrap, Map<String, String> environment)
      throws Exception {
    ChildProcesses owned = ChildProcesses.open(List.of());
    children = owned;
    Generations generations =
        new Generations(
            new Generations.Setting(
                "front",
                folder.resolve("g"),
                shipped,
                Path.of(Objects.requireNonNull(environment.get("MESHCTL_TRUSTED_KEYS"))),
                (runtime, more) ->
                    new ProcessSpec(
                        "front",
                        List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                            "@" + runtime.orElse(shipped).resolve("proxy.args"),
                            "--config",
                            bootstrap.toString(),
                            "--lifeline"),
                        new LinkedHashMap<>(more),
                        folder,
                        folder.resolve("front.log"),
                        ProcessSpec.Input.LIFELINE,
                        new ProcessSpec.Place.Here())),
            owned);
    SupervisedProcess started =
        new SupervisedProcess(
            "front", generations, new ReadinessProbe.None(), owned, new Semaphore(1), () -> {});
    process = started;
    started.start();
  }

  @Override
  void assertNotRestarted() {
    assertThat(Objects.requireNonNull(process).state())
        .satisfies(state -> {
          assertThat(state.restarts()).isZero();
          assertThat(state.phase()).isEqualTo(SupervisedProcess.Phase.READY);
        });
  }

  @Override
  void stopProxy() {
    if (process != null) {
      process.stop();
    }
    if (children != null) {
      children.close();
    }
  }
}
