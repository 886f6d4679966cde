package dev.meshctl.model.xds.route;

/**
 * A copy of the request to another cluster; {@code percentage} is 0 to 100.
 *
 * @param keepsHost {@code disable_shadow_host_suffix_append}; else {@code -shadow} is appended
 */
public record Mirror(String cluster, double percentage, boolean keepsHost) {
  public Mirror(String cluster, double percentage) {
    this(cluster, percentage, false);
  }
}
