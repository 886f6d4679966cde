package dev.meshctl.capture;

import java.util.List;

/**
 * What is redirected in one pod's network namespace, and what is left alone.
 *
 * @param podAddress the pod's IPv4 address, where its workload may listen
 * @param nameserver the resolver that the pod's {@code resolv.conf} names; queries to it go to the
 *     sidecar
 * @param proxyGroup group id of the sidecar, whose own connections leave untouched
 * @param outboundPort where redirected outbound TCP arrives
 * @param inboundPort where redirected inbound TCP arrives
 * @param dnsPort where redirected DNS arrives (UDP and TCP)
 * @param probeSources addresses of node agents whose readiness probes reach the workload directly,
 *     as a kubelet's do
 * @param excludedInboundPorts inbound TCP ports left alone
 * @param excludedOutboundPorts outbound TCP ports left alone
 * @param excludedOutboundCidrs outbound destinations left alone
 */
public record RedirectPlan(
    String podAddress,
    String nameserver,
    int proxyGroup,
    int outboundPort,
    int inboundPort,
    int dnsPort,
    List<String> probeSources,
    List<Integer> excludedInboundPorts,
    List<Integer> excludedOutboundPorts,
    List<String> excludedOutboundCidrs) {
  /** The group that sidecars run as, Istio's number. */
  public static final int PROXY_GROUP = 1337;

  public RedirectPlan {
    probeSources = List.copyOf(probeSources);
    excludedInboundPorts = List.copyOf(excludedInboundPorts);
    excludedOutboundPorts = List.copyOf(excludedOutboundPorts);
    excludedOutboundCidrs = List.copyOf(excludedOutboundCidrs);
  }

  /** The usual ports, nothing excluded. */
  public static RedirectPlan of(String podAddress, String nameserver, List<String> probeSources) {
    return new RedirectPlan(
        podAddress,
        nameserver,
        PROXY_GROUP,
        15001,
        15006,
        15053,
        probeSources,
        List.of(),
        List.of(),
        List.of());
  }
}
