package dev.meshctl.model.xds.backing;

import dev.meshctl.model.resource.IpBlock;
import dev.meshctl.model.resource.Pod;
import dev.meshctl.model.resource.PodTemplate;
import dev.meshctl.model.resource.WorkloadEntry;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.backing.Backend.Source;
import dev.meshctl.model.xds.backing.Backend.State;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Pods and entries of a mesh as backends, before any service looks at them. */
final class Residents {
  private static final String TLS_MODE = "security.istio.io/tlsMode";
  private static final String MESH_TLS = "istio";
  private static final String SIDECAR = "istio-proxy";
  private static final String UNIX = "unix://";

  private final WorkloadNames names;
  private final Places places;

  Residents(ValidatedMesh mesh, Places places) {
    this.names = new WorkloadNames(mesh);
    this.places = places;
  }

  Backend of(Pod pod) {
    State state = State.NOT_READY;
    if (pod.ready()) {
      state = pod.leaving() ? State.LEAVING : State.READY;
    }
    Map<String, String> labels = pod.metadata().labels();
    WorkloadInstance instance =
        new WorkloadInstance(
            pod.metadata().name(),
            pod.metadata().namespace(),
            names.of(pod),
            pod.serviceAccount(),
            labels,
            pod.addresses().getFirst(),
            PodTemplate.namedPorts(pod.containers()),
            places.ofPod(labels, pod.node()),
            state == State.READY,
            isInMesh(pod));
    return new Backend(
        instance,
        Source.POD,
        state,
        pod.hostname().isEmpty() ? pod.metadata().name() : pod.hostname(),
        1,
        "",
        pod.node(),
        List.of(),
        List.of());
  }

  /** What the injector leaves, but on a node's own network, where nothing is captured. */
  private static boolean isInMesh(Pod pod) {
    String mode = pod.metadata().labels().get(TLS_MODE);
    return !pod.hostNetwork()
        && (mode == null
            ? pod.containers().stream().anyMatch(container -> container.name().equals(SIDECAR))
            : mode.equals(MESH_TLS));
  }

  static Backend of(WorkloadEntry entry) {
    Map<String, String> labels = new HashMap<>(entry.spec().labels());
    labels.putAll(entry.metadata().labels());
    return of(
        entry.metadata().name(),
        entry.metadata().namespace(),
        labels,
        entry.spec(),
        Source.WORKLOAD_ENTRY,
        entry.healthy() ? State.READY : State.NOT_READY);
  }

  /** One of {@code ServiceEntry.endpoints}, which has no name but its address. */
  static Backend inline(String namespace, WorkloadEntry.Spec endpoint) {
    return of(
        endpoint.address(), namespace, endpoint.labels(), endpoint, Source.INLINE, State.READY);
  }

  private static Backend of(
      String name,
      String namespace,
      Map<String, String> labels,
      WorkloadEntry.Spec spec,
      Source source,
      State state) {
    String mode = labels.get(TLS_MODE);
    WorkloadInstance instance =
        new WorkloadInstance(
            name,
            namespace,
            source == Source.INLINE ? "" : name,
            spec.serviceAccount(),
            labels,
            address(spec.address()),
            spec.ports(),
            Places.ofEntry(spec.locality(), labels),
            state == State.READY,
            mode == null ? !spec.serviceAccount().isEmpty() : mode.equals(MESH_TLS));
    return new Backend(
        instance,
        source,
        state,
        name,
        Math.max(1, spec.weight()),
        spec.network(),
        "",
        List.of(),
        List.of());
  }

  /** {@code unix:///path} is the path, and {@code unix://@name} the name. */
  private static String address(String written) {
    return written.startsWith(UNIX) ? written.substring(UNIX.length()) : written;
  }

  /** True where a connection can be made without asking for a name. */
  static boolean isLiteral(Backend backend) {
    return isPipe(backend)
        || IpBlock.parse(backend.instance().address()).filter(IpBlock::isSingle).isPresent();
  }

  static boolean isPipe(Backend backend) {
    String address = backend.instance().address();
    return address.startsWith("/") || address.startsWith("@");
  }
}
