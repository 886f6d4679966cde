package dev.meshctl.dataplane.balance;

import java.util.List;

/**
 * How the load is spread over priorities, by Envoy's documented formula: a priority can take its
 * healthy share times the overprovisioning factor; the first take what they can; where all together
 * cannot take everything, each takes its part of what there is, and those below the panic threshold
 * panic. Where all panic, each takes its part by its number of hosts.
 *
 * @param shares of each priority, 0 to 1; their sum is 1 where there is any host
 * @param panics of each priority
 */
record PriorityLoad(List<Double> shares, List<Boolean> panics) {
  PriorityLoad {
    shares = List.copyOf(shares);
    panics = List.copyOf(panics);
  }

  /** Hosts of one priority. */
  record Level(int hosts, int healthy) {
    /** What it can take of the whole load, 0 to 1. */
    private double health(double overprovisioning) {
      return hosts == 0 ? 0 : Math.min(1, overprovisioning * healthy / hosts);
    }
  }

  /**
   * Of priorities in order.
   *
   * @param overprovisioning factor, 1.4 for Envoy's usual
   * @param panicPercent 0 to 100; 0 never panics
   */
  static PriorityLoad of(List<Level> levels, double overprovisioning, double panicPercent) {
    double total = levels.stream().mapToDouble(level -> level.health(overprovisioning)).sum();
    boolean enough = total >= 1;
    List<Boolean> panics =
        levels.stream()
            .map(level -> !enough && level.healthy() * 100.0 < panicPercent * level.hosts())
            .toList();
    double hosts = levels.stream().mapToDouble(Level::hosts).sum();
    if (hosts > 0
        && levels.stream()
            .allMatch(level -> level.hosts() == 0 || panics.get(levels.indexOf(level)))) {
      return new PriorityLoad(levels.stream().map(level -> level.hosts() / hosts).toList(), panics);
    }
    double[] left = {1};
    List<Double> shares =
        levels.stream()
            .map(level -> {
              double health = level.health(overprovisioning);
              double takes = enough ? Math.min(left[0], health) : total > 0 ? health / total : 0;
              left[0] -= takes;
              return takes;
            })
            .toList();
    return new PriorityLoad(shares, panics);
  }
}
