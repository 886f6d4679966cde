package dev.meshctl.cli.local;

import dev.meshctl.cli.local.plan.AddressPlan;
import dev.meshctl.cli.local.process.ProcessSpec;
import dev.meshctl.cli.local.process.ReadinessProbe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/** How traffic comes to sidecars: what each way of capture needs around the processes. */
interface MeshNetwork extends AutoCloseable {
  AddressPlan addresses();

  /** Makes what a pod needs before its processes start; blocking. */
  Pod pod(int number, String name, String namespace) throws IOException, InterruptedException;

  /** Namespaces held, for the status; empty where there are none. */
  List<LocalStatus.ProcessStatus> holders();

  @Override
  void close();

  /** Where a probe of a workload or a sidecar goes. */
  default ReadinessProbe.Target target(String address, int port) {
    return new ReadinessProbe.Target(
        new InetSocketAddress(InetAddress.ofLiteral(address), port), Optional.empty());
  }

  /** The surroundings of one replica. */
  interface Pod extends AutoCloseable {
    ProcessSpec.Place sidecarPlace();

    ProcessSpec.Place workloadPlace();

    @Override
    void close();
  }

  /** Workloads are pointed at their sidecars: nothing is needed. */
  record Pointing(AddressPlan.Explicit addresses) implements MeshNetwork {
    private static final Pod NOTHING =
        new Pod() {
          @Override
          public ProcessSpec.Place sidecarPlace() {
            return new ProcessSpec.Place.Here();
          }

          @Override
          public ProcessSpec.Place workloadPlace() {
            return new ProcessSpec.Place.Here();
          }

          @Override
          public void close() {}
        };

    @Override
    public Pod pod(int number, String name, String namespace) {
      return NOTHING;
    }

    @Override
    public List<LocalStatus.ProcessStatus> holders() {
      return List.of();
    }

    @Override
    public void close() {}
  }
}
