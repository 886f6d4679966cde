package dev.meshctl.dataplane.observe;

/** The two text formats that Prometheus reads. */
public enum Exposition {
  PROMETHEUS("text/plain; version=0.0.4; charset=utf-8"),
  OPENMETRICS("application/openmetrics-text; version=1.0.0; charset=utf-8");

  private final String contentType;

  Exposition(String contentType) {
    this.contentType = contentType;
  }

  public String contentType() {
    return contentType;
  }

  /** What a scraper with this {@code Accept} header wants. */
  public static Exposition accepted(String accept) {
    return accept.contains("application/openmetrics-text") ? OPENMETRICS : PROMETHEUS;
  }
}
