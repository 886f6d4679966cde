package dev.meshctl.model.resource;

import java.util.List;
import java.util.stream.IntStream;

/**
 * {@code backendRefs[]}: a Service port with a weight; weight 1 where none is written.
 *
 * @param target a Service, or something that is not known here
 * @param port 0 only of what is no Service
 * @param headers changes of what goes to this backend and comes from it
 * @param blocked a filter of this backend is not known here, so nothing may reach it
 */
public record BackendRef(
    ObjectRef target, int port, int weight, HeaderEdits headers, boolean blocked) {
  private static final String SERVICE = "Service";

  /** A Service. */
  public BackendRef(String namespace, String name, int port, int weight) {
    this(new ObjectRef("", SERVICE, namespace, name), port, weight, HeaderEdits.NONE, false);
  }

  public String namespace() {
    return target.namespace();
  }

  public String name() {
    return target.name();
  }

  public boolean isService() {
    return target.isCore(SERVICE);
  }

  /** The same with another weight. */
  public BackendRef weighing(int other) {
    return new BackendRef(target, port, other, headers, blocked);
  }

  /** Each with its place in {@code list}. */
  static List<GatewayRoute.NamedBackend> named(String list, List<BackendRef> backends) {
    return IntStream.range(0, backends.size())
        .mapToObj(i -> new GatewayRoute.NamedBackend(list + "[" + i + "]", backends.get(i)))
        .toList();
  }
}
