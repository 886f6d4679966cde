package dev.meshctl.capture;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is redirected in one pod's network namespace, and what is left alone.
 *
 * @param proxy the sidecar
 * @param podAddresses the pod's own, where its workload may listen; at most one of each family
 *     counts. Where none is known, a workload is reached on loopback only
 * @param nameservers that the pod's {@code resolv.conf} names; queries to them go to the sidecar
 * @param probeSources addresses of node agents whose readiness probes reach the workload directly,
 *     as a kubelet's may
 * @param inbound what comes in
 * @param outbound what goes out
 * @param excludedInterfaces whose traffic is left alone
 */
public record CapturePlan(
    Proxy proxy,
    List<String> podAddresses,
    List<String> nameservers,
    List<String> probeSources,
    Inbound inbound,
    Outbound outbound,
    List<String> excludedInterfaces) {
  /** The user and group that sidecars run as, Istio's number. */
  public static final int PROXY_ID = 1337;

  public CapturePlan {
    podAddresses = List.copyOf(podAddresses);
    nameservers = List.copyOf(nameservers);
    probeSources = List.copyOf(probeSources);
    excludedInterfaces = List.copyOf(excludedInterfaces);
  }

  /**
   * The sidecar, as the kernel knows it.
   *
   * @param users whose connections leave untouched
   * @param groups whose connections leave untouched
   * @param outboundPort where redirected outbound TCP arrives
   * @param inboundPort where redirected inbound TCP arrives
   * @param dnsPort where redirected DNS arrives (UDP and TCP); 0 for nowhere
   * @param adminPort on loopback, for the sidecar's own programs
   */
  public record Proxy(
      List<Integer> users,
      List<Integer> groups,
      int outboundPort,
      int inboundPort,
      int dnsPort,
      int adminPort) {
    public Proxy {
      users = List.copyOf(users);
      groups = List.copyOf(groups);
    }

    /** Of group {@link #PROXY_ID}, at the usual ports. */
    public static Proxy usual() {
      return new Proxy(List.of(), List.of(PROXY_ID), 15001, 15006, 15053, 15000);
    }
  }

  /**
   * @param only TCP ports that are captured; empty for all
   * @param except TCP ports that are not
   */
  public record Inbound(Optional<List<Integer>> only, List<Integer> except) {
    public Inbound {
      only = only.map(List::copyOf);
      except = List.copyOf(except);
    }
  }

  /**
   * @param only destinations that are captured; empty for all
   * @param except destinations that are not
   * @param ports that are captured wherever they lead, unless excepted
   * @param exceptPorts that are not, wherever they lead
   */
  public record Outbound(
      Optional<List<String>> only,
      List<String> except,
      List<Integer> ports,
      List<Integer> exceptPorts) {
    public Outbound {
      only = only.map(List::copyOf);
      except = List.copyOf(except);
      ports = List.copyOf(ports);
      exceptPorts = List.copyOf(exceptPorts);
    }
  }

  /** All of a pod's traffic, by the usual ports. */
  public static CapturePlan all(
      List<String> podAddresses, List<String> nameservers, List<String> probeSources) {
    return new CapturePlan(
        Proxy.usual(),
        podAddresses,
        nameservers,
        probeSources,
        new Inbound(Optional.empty(), List.of()),
        new Outbound(Optional.empty(), List.of(), List.of(), List.of()),
        List.of());
  }

  /** The pod's address of a family. */
  Optional<String> podAddress(AddressFamily family) {
    return family.among(podAddresses).stream().findFirst();
  }

  /**
   * Resolvers whose queries are captured. Those of the family of the pod's first address: the
   * sidecar answers on loopback of that one alone.
   */
  List<String> capturedNameservers(AddressFamily family) {
    AddressFamily answered =
        podAddresses.isEmpty() ? AddressFamily.IPV4 : AddressFamily.of(podAddresses.getFirst());
    return proxy.dnsPort() == 0 || family != answered ? List.of() : family.among(nameservers);
  }

  /** Ports at which the sidecar itself is meant, wherever they are called from. */
  List<Integer> ownPorts() {
    return Stream.concat(
            Stream.of(proxy.adminPort(), proxy.outboundPort(), proxy.inboundPort()),
            inbound.except().stream())
        .distinct()
        .toList();
  }
}
