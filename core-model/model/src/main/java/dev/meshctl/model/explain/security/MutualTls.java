package dev.meshctl.model.explain.security;

import dev.meshctl.model.explain.Explanation.Source;
import dev.meshctl.model.resource.PeerAuthentication.Mode;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the ports of a workload take from peers, what clients are told to speak to them, and whether
 * the two fit.
 *
 * @param ports that it listens on, of one answer; empty for all that no service and no policy names
 * @param sidecar false: nobody proves or asks anything there
 * @param source what decides the mode; null where it is the default, or there is no sidecar
 * @param clients in the order of what they do; none where no service leads there
 * @param observed null where nothing was measured
 */
public record MutualTls(
    String namespace,
    String workload,
    List<Integer> ports,
    boolean sidecar,
    Mode mode,
    @Nullable Source source,
    List<Client> clients,
    @Nullable Observed observed) {
  public MutualTls {
    ports = List.copyOf(ports);
    clients = List.copyOf(clients);
  }

  /**
   * Clients of one mind.
   *
   * @param who {@code namespace shop}, {@code gateway istio-system/istio-ingressgateway}
   * @param mode as a DestinationRule writes it, or {@code auto}, or {@code off} where the mesh has
   *     no automatic mTLS
   * @param subset that it is told for; empty for the whole service
   * @param mutual connections come with a certificate of the mesh
   * @param source what says so; null where nothing does
   * @param problem why no connection comes about; empty where one does
   */
  public record Client(
      List<String> who,
      String mode,
      String subset,
      boolean mutual,
      @Nullable Source source,
      String problem) {
    public Client {
      who = List.copyOf(who);
    }

    public boolean fits() {
      return problem.isEmpty();
    }
  }

  /**
   * What a running mesh measured, over all ports of the workload.
   *
   * @param requests that came to it; a connection that is not HTTP counts as one
   * @param mutual of them, over mTLS
   */
  public record Observed(long requests, long mutual) {}

  /** No client is told what this takes not. */
  public boolean fits() {
    return clients.stream().allMatch(Client::fits);
  }

  public MutualTls with(Observed measured) {
    return new MutualTls(namespace, workload, ports, sidecar, mode, source, clients, measured);
  }

  /** The same of other ports. */
  boolean isLike(MutualTls other) {
    return workload.equals(other.workload)
        && namespace.equals(other.namespace)
        && mode == other.mode
        && Objects.equals(source, other.source)
        && clients.equals(other.clients);
  }

  MutualTls at(List<Integer> these) {
    return new MutualTls(namespace, workload, these, sidecar, mode, source, clients, observed);
  }
}
