package dev.meshctl.dataplane.balance;

import java.util.Arrays;

/**
 * What each zone gets of the requests of this proxy, by Envoy's zone-aware routing: all of them the
 * own zone, where it has no smaller a part of the upstream's hosts than of the proxies; else what
 * keeps its hosts at the others' load, and the rest goes where hosts are to spare.
 *
 * <p>So over all proxies, if each sends alike, no upstream host gets more than its even part.
 */
final class ZoneShares {
  private ZoneShares() {}

  /**
   * Shares of the zones, 0 to 1; what is missing to a sum of 1 goes to all hosts alike.
   *
   * @param own position of the own zone
   * @param upstream healthy hosts of the upstream in each zone, at least one in the own
   * @param proxies of each zone, at least one in the own
   */
  static double[] of(int own, int[] upstream, int[] proxies) {
    double hosts = Arrays.stream(upstream).sum();
    double all = Arrays.stream(proxies).sum();
    double[] shares = new double[upstream.length];
    double part = upstream[own] / hosts;
    double clients = proxies[own] / all;
    if (part >= clients) {
      shares[own] = 1;
      return shares;
    }
    shares[own] = part / clients;
    double spare = 0;
    for (int i = 0; i < upstream.length; i++) {
      spare += spare(upstream[i] / hosts, proxies[i] / all);
    }
    for (int i = 0; i < upstream.length && spare > 0; i++) {
      if (i != own) {
        shares[i] = (1 - shares[own]) * spare(upstream[i] / hosts, proxies[i] / all) / spare;
      }
    }
    return shares;
  }

  private static double spare(double upstream, double proxies) {
    return Math.max(0, upstream - proxies);
  }
}
