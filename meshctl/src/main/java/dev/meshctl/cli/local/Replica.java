package dev.meshctl.cli.local;

import dev.meshctl.cli.local.plan.ReplicaPlan;
import dev.meshctl.cli.local.process.SupervisedProcess;
import dev.meshctl.model.resource.PodTemplate;
import dev.meshctl.model.xds.LoadAssignment;
import dev.meshctl.model.xds.WorkloadInstance;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A replica of a workload: its pod, its sidecar and its containers. It is ready when all of them
 * are.
 *
 * <p>Thread: any.
 */
final class Replica {
  private final ReplicaPlan.Running plan;
  private final String address;
  private final String peerAddress;
  private final SupervisedProcess sidecar;
  private final List<SupervisedProcess> containers;
  private final MeshNetwork.Pod pod;
  private volatile boolean doomed;
  private volatile boolean leaving;

  Replica(
      ReplicaPlan.Running plan,
      String address,
      String peerAddress,
      SupervisedProcess sidecar,
      List<SupervisedProcess> containers,
      MeshNetwork.Pod pod) {
    this.plan = plan;
    this.address = address;
    this.peerAddress = peerAddress;
    this.sidecar = sidecar;
    this.containers = List.copyOf(containers);
    this.pod = pod;
  }

  ReplicaPlan.Running plan() {
    return plan;
  }

  boolean ready() {
    return !leaving && isReady(sidecar) && containers.stream().allMatch(Replica::isReady);
  }

  /** Whether its end is decided; it serves until it {@link #leave leaves}. */
  boolean doomed() {
    return doomed;
  }

  void doom() {
    doomed = true;
  }

  /** As the control plane is to know it. */
  WorkloadInstance instance() {
    return instance(plan, peerAddress, ready());
  }

  static WorkloadInstance instance(ReplicaPlan.Running plan, String peerAddress, boolean ready) {
    return new WorkloadInstance(
        plan.name(),
        plan.namespace(),
        plan.workload(),
        serviceAccount(plan.template()),
        plan.template().labels(),
        peerAddress,
        PodTemplate.namedPorts(plan.template().containers()),
        LoadAssignment.Locality.NONE,
        ready,
        true);
  }

  static String serviceAccount(PodTemplate template) {
    return template.serviceAccount().isEmpty() ? "default" : template.serviceAccount();
  }

  /** Takes it out of the endpoints; connections go on. */
  void leave() {
    leaving = true;
  }

  /** Containers first: their last answers leave through the sidecar. */
  void stop() {
    leave();
    List<Thread> stops = new ArrayList<>();
    containers.forEach(container -> stops.add(Thread.ofVirtual().start(container::stop)));
    join(stops);
    sidecar.stop();
    pod.close();
  }

  List<LocalStatus.ProcessStatus> statuses(RunFolder run) {
    List<LocalStatus.ProcessStatus> all = new ArrayList<>();
    all.add(status(sidecar, LocalStatus.Kind.SIDECAR, peerAddress, run));
    containers.forEach(
        container -> all.add(status(container, LocalStatus.Kind.WORKLOAD, address, run)));
    return all;
  }

  static LocalStatus.ProcessStatus status(
      SupervisedProcess process, LocalStatus.Kind kind, String address, RunFolder run) {
    SupervisedProcess.State state = process.state();
    return new LocalStatus.ProcessStatus(
        process.name(),
        kind,
        state.phase().name(),
        state.pid(),
        state.restarts(),
        state.lastExit(),
        address,
        run.log(process.name()).toString());
  }

  static void join(List<Thread> threads) {
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static boolean isReady(@Nullable SupervisedProcess process) {
    return process != null && process.state().phase() == SupervisedProcess.Phase.READY;
  }
}
