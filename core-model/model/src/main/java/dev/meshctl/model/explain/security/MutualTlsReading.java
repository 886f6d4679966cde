package dev.meshctl.model.explain.security;

import dev.meshctl.model.explain.Explanation.Source;
import dev.meshctl.model.explain.InboundChain;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.explain.security.MutualTls.Client;
import dev.meshctl.model.explain.security.TlsClients.Speaks;
import dev.meshctl.model.resource.PeerAuthentication.Mode;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.traffic.PeerModes;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.model.xds.backing.Backend;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads off a mesh what mutual TLS there is.
 *
 * <p>Thread: one.
 */
public final class MutualTlsReading {
  private final Scene scene;
  private final PeerModes modes;
  private final TlsClients clients;

  private MutualTlsReading(Scene scene) {
    this.scene = scene;
    this.modes = PeerModes.of(scene.mesh());
    this.clients = new TlsClients(scene);
  }

  /** A port of a service that leads to a workload. */
  private record Door(MeshService service, int port) {}

  /**
   * Of each workload, by namespace and name, and for each answer that its ports give.
   *
   * @param wanted workloads that are asked for, by one of their replicas
   */
  public static List<MutualTls> of(Scene scene, Predicate<WorkloadInstance> wanted) {
    MutualTlsReading reading = new MutualTlsReading(scene);
    // Versions of a workload may be selected apart, so each set of labels is one of its own.
    Map<String, List<WorkloadInstance>> workloads = new TreeMap<>();
    for (WorkloadInstance instance : scene.instances()) {
      if (!instance.workload().isEmpty() && wanted.test(instance)) {
        workloads
            .computeIfAbsent(
                instance.namespace() + "/" + instance.workload(), key -> new ArrayList<>())
            .add(instance);
      }
    }
    List<MutualTls> all = new ArrayList<>();
    workloads.values().forEach(replicas -> all.addAll(reading.workload(replicas)));
    return all;
  }

  private List<MutualTls> workload(List<WorkloadInstance> replicas) {
    WorkloadInstance one = replicas.getFirst();
    List<String> addresses = replicas.stream().map(WorkloadInstance::address).toList();
    Map<Integer, List<Door>> doors = doors(one);
    if (!one.inMesh()) {
      return List.of(
          new MutualTls(
              one.namespace(),
              one.workload(),
              List.copyOf(doors.keySet()),
              false,
              Mode.DISABLE,
              null,
              doors.entrySet().stream()
                  .flatMap(at -> clients(one, at.getKey(), at.getValue(), addresses).stream())
                  .distinct()
                  .toList(),
              null));
    }
    Set<Integer> ports = new TreeSet<>(doors.keySet());
    ports.addAll(modes.ports(one.namespace(), one.labels()));
    List<MutualTls> answers = new ArrayList<>();
    for (int port : ports) {
      MutualTls answer =
          answer(one, port, clients(one, port, doors.getOrDefault(port, List.of()), addresses));
      Optional<MutualTls> like = answers.stream().filter(answer::isLike).findFirst();
      like.ifPresentOrElse(
          known -> {
            List<Integer> both = new ArrayList<>(known.ports());
            both.add(port);
            answers.set(answers.indexOf(known), known.at(both));
          },
          () -> answers.add(answer.at(List.of(port))));
    }
    return answers.isEmpty() ? List.of(answer(one, 0, List.of())) : answers;
  }

  private MutualTls answer(WorkloadInstance one, int port, List<Client> of) {
    PeerModes.Decision decision = modes.decision(one.namespace(), one.labels(), port);
    return new MutualTls(
        one.namespace(),
        one.workload(),
        List.of(),
        true,
        decision.mode(),
        source(decision),
        of,
        null);
  }

  private @Nullable Source source(PeerModes.Decision decision) {
    return decision.by().flatMap(by -> scene.source(by, decision.field())).orElse(null);
  }

  /** By the port where the workload listens. */
  private Map<Integer, List<Door>> doors(WorkloadInstance one) {
    Map<Integer, List<Door>> doors = new TreeMap<>();
    for (MeshService service : scene.services().all()) {
      Optional<Backend> backend =
          scene.backends().of(service).stream()
              .filter(each ->
                  each.instance().namespace().equals(one.namespace())
                      && each.instance().name().equals(one.name()))
              .findFirst();
      for (MeshService.Port port : service.ports()) {
        OptionalInt target =
            backend.map(each -> each.target(service, port)).orElse(OptionalInt.empty());
        target.ifPresent(number ->
            doors
                .computeIfAbsent(number, key -> new ArrayList<>())
                .add(new Door(service, port.number())));
      }
    }
    return doors;
  }

  private List<Client> clients(
      WorkloadInstance one, int port, List<Door> doors, List<String> addresses) {
    XdsSnapshot told = scene.translation().snapshotFor(Scene.sidecar(one));
    Map<Client, List<String>> alike = new LinkedHashMap<>();
    for (Door door : doors) {
      for (Speaks speaks : clients.to(door.service(), door.port(), addresses)) {
        Client client =
            new Client(
                List.of(),
                speaks.mode(),
                speaks.subset(),
                speaks.secure() && speaks.ofMesh(),
                speaks.source(),
                problem(one, told, port, speaks));
        List<String> who = alike.computeIfAbsent(client, key -> new ArrayList<>());
        if (!who.contains(speaks.who())) {
          who.add(speaks.who());
        }
      }
    }
    return alike.entrySet().stream()
        .map(each ->
            new Client(
                each.getValue(),
                each.getKey().mode(),
                each.getKey().subset(),
                each.getKey().mutual(),
                each.getKey().source(),
                each.getKey().problem()))
        .toList();
  }

  private String problem(WorkloadInstance one, XdsSnapshot told, int port, Speaks speaks) {
    if (!speaks.ofMesh()) {
      return !one.inMesh() || InboundChain.passesTls(told, port)
          ? ""
          : "its sidecar takes TLS of the mesh alone, and this is " + speaks.mode();
    }
    if (!one.inMesh()) {
      return speaks.secure() ? "it has no sidecar that would take TLS of the mesh" : "";
    }
    if (InboundChain.find(told, port, speaks.secure()).isPresent()) {
      return "";
    }
    return speaks.secure()
        ? "its port takes no TLS of the mesh"
        : "its port takes mutual TLS only, and these come in the clear";
  }
}
