package dev.meshctl.cli.local;

import dev.meshctl.cli.local.plan.AddressPlan;
import dev.meshctl.cli.local.plan.ReplicaPlan;
import dev.meshctl.cli.local.process.ChildProcesses;
import dev.meshctl.cli.local.process.ReadinessProbe;
import dev.meshctl.cli.local.process.SupervisedProcess;
import dev.meshctl.model.resource.PodTemplate;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.validation.ValidatedMesh;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;

/**
 * All replicas of a mesh: brought to what the configuration asks for, step by step, and told to the
 * control plane as they come and go.
 *
 * <p>Thread: any; one {@link #reconcile} at a time.
 */
final class Replicas implements AutoCloseable {
  /** For the control plane and every proxy to hear that a replica leaves, before it does. */
  private static final Duration GOODBYE = Duration.ofMillis(1500);

  private final RuntimeSpecs specs;
  private final MeshNetwork network;
  private final ChildProcesses children;
  private final Inventory inventory;
  private final Semaphore startSlots;
  private final RunFolder run;
  private final Runnable onChange;
  private final List<Replica> replicas = new CopyOnWriteArrayList<>();
  private final List<Thread> leaving = new CopyOnWriteArrayList<>();
  private volatile List<Service> services = List.of();
  private volatile boolean closing;

  Replicas(
      RuntimeSpecs specs,
      MeshNetwork network,
      ChildProcesses children,
      Inventory inventory,
      Semaphore startSlots,
      RunFolder run,
      Runnable onChange) {
    this.specs = specs;
    this.network = network;
    this.children = children;
    this.inventory = inventory;
    this.startSlots = startSlots;
    this.run = run;
    this.onChange = onChange;
  }

  List<Replica> all() {
    return List.copyOf(replicas);
  }

  /** Starts what is missing and sees out what is too much; returns before that is done. */
  synchronized void reconcile(ValidatedMesh mesh) throws IOException, InterruptedException {
    services = mesh.all(Service.class);
    inventory.services(services);
    ReplicaPlan plan =
        ReplicaPlan.between(
            replicas.stream().filter(r -> !r.doomed()).map(Replica::plan).toList(),
            replicas.stream().filter(Replica::doomed).map(Replica::plan).toList(),
            Preflight.started(mesh));
    // The control plane learns of all before the first sidecar asks for its configuration.
    for (ReplicaPlan.Start start : plan.starts()) {
      ReplicaPlan.Running replica = start.replica();
      inventory.put(Replica.instance(replica, network.addresses().peer(replica.number()), false));
    }
    for (ReplicaPlan.Start start : plan.starts()) {
      start(start.replica());
    }
    for (ReplicaPlan.Stop stop : plan.stops()) {
      seeOut(stop);
    }
  }

  /** Tells the control plane who is ready. */
  void report() {
    if (!closing) {
      replicas.forEach(replica -> inventory.put(replica.instance()));
    }
  }

  private void start(ReplicaPlan.Running plan) throws IOException, InterruptedException {
    AddressPlan addresses = network.addresses();
    String address = addresses.workload(plan.number());
    String peer = addresses.peer(plan.number());
    MeshNetwork.Pod pod = network.pod(plan.number(), plan.name(), plan.namespace());
    SupervisedProcess sidecar =
        new SupervisedProcess(
            RuntimeSpecs.sidecarName(plan),
            specs.sidecarGenerations(plan, pod.sidecarPlace(), children),
            new ReadinessProbe.Http(
                network.target(peer, AddressPlan.HEALTH_PORT), "/healthz/ready"),
            children,
            startSlots,
            onChange);
    List<SupervisedProcess> containers = new ArrayList<>();
    for (PodTemplate.Container container : plan.template().containers()) {
      containers.add(
          new SupervisedProcess(
              RuntimeSpecs.containerName(plan, container),
              () -> {
                awaitReady(sidecar);
                return specs.container(plan, container, services, pod.workloadPlace());
              },
              RuntimeSpecs.probe(container, address, network),
              children,
              startSlots,
              onChange));
    }
    replicas.add(new Replica(plan, address, peer, sidecar, containers, pod));
    sidecar.start();
    containers.forEach(SupervisedProcess::start);
  }

  /** A workload is held until its sidecar can carry its first call. */
  private static void awaitReady(SupervisedProcess sidecar) throws InterruptedException {
    while (sidecar.state().phase() != SupervisedProcess.Phase.READY) {
      Thread.sleep(25);
    }
  }

  private void seeOut(ReplicaPlan.Stop stop) {
    Replica replica =
        replicas.stream().filter(r -> r.plan().equals(stop.replica())).findFirst().orElseThrow();
    replica.doom();
    Thread thread =
        Thread.ofVirtual()
            .name("see-out-" + replica.plan().name())
            .unstarted(() -> {
              try {
                while (!closing && !allReady(replica.plan().namespace(), stop.afterReady())) {
                  Thread.sleep(50);
                }
                replica.leave();
                onChange.run();
                Thread.sleep(GOODBYE);
                replica.stop();
                replicas.remove(replica);
                inventory.remove(replica.plan().namespace(), replica.plan().name());
                onChange.run();
              } catch (InterruptedException closed) {
                // The end of the mesh stops it.
              }
            });
    leaving.add(thread);
    thread.start();
  }

  private boolean allReady(String namespace, List<String> names) {
    return names.stream()
        .allMatch(name ->
            replicas.stream()
                .anyMatch(r ->
                    r.plan().namespace().equals(namespace)
                        && r.plan().name().equals(name)
                        && r.ready()));
  }

  @Override
  public void close() {
    closing = true;
    leaving.forEach(Thread::interrupt);
    Replica.join(
        replicas.stream().map(replica -> Thread.ofVirtual().start(replica::stop)).toList());
  }

  RunFolder run() {
    return run;
  }
}
