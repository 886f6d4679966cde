package dev.meshctl.model.xds.route;

/** Header changes of requests to and responses from the upstream. */
public record Headers(HeaderChanges request, HeaderChanges response) {
  public static final Headers NONE = new Headers(HeaderChanges.NONE, HeaderChanges.NONE);
}
