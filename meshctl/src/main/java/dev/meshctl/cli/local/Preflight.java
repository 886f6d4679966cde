package dev.meshctl.cli.local;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.local.plan.AddressPlan;
import dev.meshctl.cli.local.plan.ReplicaPlan;
import dev.meshctl.cli.local.process.PortHolder;
import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.Deployment;
import dev.meshctl.model.resource.GatewayClass;
import dev.meshctl.model.resource.IstioGateway;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.Owner;
import dev.meshctl.model.resource.Pod;
import dev.meshctl.model.resource.PodTemplate;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.resource.Workload;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.DiagnosticCode;
import dev.meshctl.model.validation.ValidatedMesh;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What can be known to fail before anything is started. */
final class Preflight {
  private Preflight() {}

  /** Ports of the ingress gateway: Istio's by its label, the Gateway API's by our class. */
  static Set<Integer> gatewayPorts(ValidatedMesh mesh) {
    return ports(mesh, protocol -> true);
  }

  /** Those of them where TLS arrives. */
  static Set<Integer> securePorts(ValidatedMesh mesh) {
    return ports(mesh, protocol -> protocol == AppProtocol.HTTPS || protocol == AppProtocol.TLS);
  }

  private static Set<Integer> ports(ValidatedMesh mesh, Predicate<AppProtocol> wanted) {
    Set<Integer> ports = new TreeSet<>();
    for (IstioGateway gateway : mesh.all(IstioGateway.class)) {
      if ("ingressgateway".equals(gateway.selector().get("istio"))) {
        gateway.servers().stream()
            .filter(server -> wanted.test(server.protocol()))
            .forEach(server -> ports.add(server.port()));
      }
    }
    Set<String> ourClasses =
        mesh.all(GatewayClass.class).stream()
            .filter(c -> c.controllerName().equals(GatewayClass.OUR_CONTROLLER))
            .map(c -> c.metadata().name())
            .collect(Collectors.toSet());
    for (KubernetesGateway gateway : mesh.all(KubernetesGateway.class)) {
      if (ourClasses.contains(gateway.gatewayClassName())) {
        gateway.listeners().stream()
            .filter(listener -> wanted.test(listener.protocol()))
            .forEach(listener -> ports.add(listener.port()));
      }
    }
    return ports;
  }

  /**
   * What a mesh on one machine starts: all that serves until it is ended. Jobs end by themselves,
   * and are not started.
   */
  static List<Workload> started(ValidatedMesh mesh) {
    return mesh.workloads().stream()
        .filter(workload ->
            switch (workload) {
              case Deployment _,
                  Workload.StatefulSet _,
                  Workload.DaemonSet _,
                  Workload.ReplicaSet _,
                  Workload.ReplicationController _ ->
                  true;
              case Workload.Job _, Workload.CronJob _ -> false;
            })
        .toList();
  }

  /** Whom nobody starts here, although a cluster would. */
  static List<Diagnostic> notStarted(ValidatedMesh mesh) {
    Set<ResourceId> all = new HashSet<>();
    mesh.resources().forEach(located -> all.add(located.resource().id()));
    List<Diagnostic> findings = new ArrayList<>();
    for (Located<? extends MeshResource> located : mesh.resources()) {
      MeshResource resource = located.resource();
      Optional<Owner> owner =
          resource instanceof Workload workload
              ? workload.owner()
              : Optional.of(resource)
                  .filter(Pod.class::isInstance)
                  .flatMap(pod -> ((Pod) pod).owner());
      boolean made =
          owner
              .filter(maker -> all.contains(maker.in(resource.metadata().namespace())))
              .isPresent();
      boolean starts =
          !(resource instanceof Pod
              || resource instanceof Workload.Job
              || resource instanceof Workload.CronJob);
      if (!made && !starts) {
        findings.add(
            DiagnosticCode.KIND_NOT_APPLIED.at(
                resource.id().toString(),
                located.at("kind"),
                "kind",
                "a mesh on one machine starts no " + resource.kind()));
      }
    }
    return findings;
  }

  /**
   * @throws CommandFailure where a workload cannot run on this machine
   */
  static void checkWorkloads(ValidatedMesh mesh) {
    List<String> problems = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Workload workload : started(mesh)) {
      if (!names.add(workload.metadata().namespace() + "/" + workload.metadata().name())) {
        problems.add(workload.id() + ": a workload of another kind has this name too");
      }
      for (PodTemplate.Container container : workload.template().containers()) {
        if (container.command().isEmpty()) {
          problems.add(workload.id() + ": container " + container.name() + " has no command");
        }
      }
    }
    if (!problems.isEmpty()) {
      throw CommandFailure.refused(
          "a mesh on one machine runs programs, not images",
          problems,
          "give each container a command; programs are looked for in DIR/bin, then on PATH");
    }
  }

  /**
   * @throws CommandFailure where somebody else listens already; it names them where the system does
   */
  static void checkPorts(AddressPlan addresses, ValidatedMesh mesh, ReplicaPlan replicas) {
    List<String> taken = new ArrayList<>();
    PortHolder holders = new PortHolder(Path.of("/proc"));
    check(addresses.controlPlane(), AddressPlan.DISCOVERY_PORT, "control plane", holders, taken);
    check(addresses.controlPlane(), AddressPlan.QUERY_PORT, "control plane", holders, taken);
    for (int port : gatewayPorts(mesh)) {
      check(addresses.gateway(0), port, "ingress gateway", holders, taken);
    }
    if (addresses instanceof AddressPlan.Explicit) {
      for (ReplicaPlan.Start start : replicas.starts()) {
        ReplicaPlan.Running replica = start.replica();
        for (PodTemplate.Container container : replica.template().containers()) {
          for (PodTemplate.ContainerPort port : container.ports()) {
            check(
                addresses.workload(replica.number()), port.port(), replica.name(), holders, taken);
          }
        }
      }
    }
    if (!taken.isEmpty()) {
      throw CommandFailure.failed(
          "an address that the mesh needs is in use",
          taken.stream().distinct().limit(8).toList(),
          "end the program that listens there (on all addresses, most likely), or change the port"
              + " in the YAML");
    }
  }

  private static void check(
      String address, int port, String whose, PortHolder holders, List<String> taken) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral(address), port), 1);
    } catch (IOException refused) {
      String reason = String.valueOf(refused.getMessage());
      String why =
          reason.contains("ermission")
              ? "ports below 1024 need root here"
              : holders
                  .of(address, port)
                  .map(holder -> "in use by " + holder)
                  .orElse("in use (" + reason + ")");
      taken.add(address + ":" + port + " (" + whose + "): " + why);
    }
  }
}
