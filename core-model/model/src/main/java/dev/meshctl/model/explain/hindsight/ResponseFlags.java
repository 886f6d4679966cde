package dev.meshctl.model.explain.hindsight;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Envoy's response flags ({@code %RESPONSE_FLAGS%}) in words, with where to look.
 *
 * <p>Source: access log operators of the Envoy documentation.
 */
public final class ResponseFlags {
  private static final Map<String, Meaning> ALL = new LinkedHashMap<>();

  /** Where the upstream is the workload behind the proxy. */
  private static final Map<String, Meaning> OF_OWN =
      Map.of(
          "UF",
          new Meaning(
              "UF",
              "the workload's own process did not take the connection",
              "is it up, and does it listen on this port (the Service's targetPort)?"),
          "UC",
          new Meaning(
              "UC",
              "the workload's own process closed the connection before the answer was whole",
              "did it end or restart; how long does it keep idle connections?"),
          "UT",
          new Meaning(
              "UT",
              "the workload's own process did not answer in time",
              "is it slow, or waiting for somebody else?"));

  static {
    put(
        "UH",
        "no healthy upstream: the cluster had no endpoint that may take a request",
        "are replicas ready, of the subset that the route names, and not ejected?");
    put(
        "UF",
        "no connection to the endpoint came about: refused, unreachable, or its TLS failed",
        "is the process up and listening on that port; do both sides mean the same TLS mode?");
    put(
        "UO",
        "overflow: a circuit breaker (connectionPool) let no more requests or connections through",
        "raise the limits of the DestinationRule, or give the service more replicas");
    put(
        "NR",
        "no route: no virtual host or no rule took the request",
        "compare host, port and path with hosts and matches of the VirtualService or HTTPRoute");
    put(
        "NC",
        "the route names a cluster that the proxy does not have",
        "does a DestinationRule define the subset, is the Service there and exported to here?");
    put(
        "URX",
        "every retry (or connection attempt) that was allowed has failed",
        "the cause is that of the last attempt");
    put(
        "UT",
        "the upstream did not answer in time",
        "is the timeout of the route or try meant; is the server slow?");
    put(
        "UC",
        "the upstream closed the connection before the answer was whole",
        "did the process end or restart; does it keep idle connections for less time than callers?");
    put("UR", "the upstream reset the stream", "the server's own log");
    put(
        "UPE",
        "the upstream did not speak the protocol that was expected",
        "does the port's name or appProtocol say what the server speaks?");
    put("UMSDR", "the longest time that a stream to the upstream may last was over", "");
    put(
        "DC",
        "the client went away before the answer was whole",
        "is the client's own time limit shorter than the answer takes?");
    put(
        "DPE",
        "the client's request broke its protocol",
        "the client's library, or what stands before it");
    put("DR", "the client reset its stream", "is the client's own time limit shorter?");
    put("DT", "a stream or connection lasted longer than it may", "");
    put("LH", "the local service failed its health check", "");
    put("LR", "the proxy itself reset the stream", "");
    put("DI", "a fault injected a delay", "the fault of the VirtualService is at work");
    put("FI", "a fault injected an abort", "the fault of the VirtualService is at work");
    put("RL", "a local rate limit refused it", "");
    put("RLSE", "the rate limit service failed", "is that service reachable?");
    put("UAEX", "the external authorization service denied it", "that service's log");
    put("IH", "a header that is checked strictly had an invalid value", "");
    put("SI", "nothing moved on the stream for longer than it may be idle", "");
    put("RFCF", "the answer came from a cache", "");
    put("NFCF", "a cache had nothing for it", "");
    put("OM", "the proxy is short of memory and sheds requests", "memory of the proxy's container");
    put("DF", "the name of the upstream did not resolve", "DNS where the proxy runs");
    put("DO", "the control plane asked for a share of requests to be dropped", "");
    put("UDO", "the control plane asked for all requests to be dropped", "");
  }

  private ResponseFlags() {}

  private static void put(String flag, String words, String look) {
    ALL.put(flag, new Meaning(flag, words, look));
  }

  /** What a flag means; empty for one that is not known. */
  public static Optional<Meaning> of(String flag) {
    return Optional.ofNullable(ALL.get(flag));
  }

  /**
   * What each flag of a line means.
   *
   * @param called the proxy stands before the server: upstream is the workload itself
   */
  static List<Meaning> of(List<String> flags, boolean called) {
    List<Meaning> meanings = new ArrayList<>();
    for (String flag : flags) {
      Meaning ofOwn = called ? OF_OWN.get(flag) : null;
      meanings.add(
          ofOwn != null
              ? ofOwn
              : of(flag).orElseGet(() -> new Meaning(flag, "a flag that is not known here", "")));
    }
    return meanings;
  }
}
