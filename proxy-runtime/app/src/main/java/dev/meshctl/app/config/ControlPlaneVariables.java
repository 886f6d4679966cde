package dev.meshctl.app.config;

import java.util.List;

/**
 * Variables of a control plane's environment that tune it; {@code docs/guide/scale.md} says what
 * each is for. The two for debouncing have the names that Istio's control plane gives them.
 */
public final class ControlPlaneVariables {
  public static final String DEBOUNCE_AFTER = "PILOT_DEBOUNCE_AFTER";
  public static final String DEBOUNCE_MAX = "PILOT_DEBOUNCE_MAX";
  public static final String UNANSWERED_BYTES = "MESHCTL_PUSH_UNANSWERED_BYTES";
  public static final String PATIENCE = "MESHCTL_PUSH_PATIENCE";
  public static final String REQUESTS_PER_SECOND = "MESHCTL_STREAM_REQUESTS_PER_SECOND";
  public static final String REQUEST_BURST = "MESHCTL_STREAM_REQUEST_BURST";
  public static final String RESOURCE_TTL = "MESHCTL_RESOURCE_TTL";

  /** All of them. */
  public static final List<String> NAMES =
      List.of(
          DEBOUNCE_AFTER,
          DEBOUNCE_MAX,
          UNANSWERED_BYTES,
          PATIENCE,
          REQUESTS_PER_SECOND,
          REQUEST_BURST,
          RESOURCE_TTL);

  private ControlPlaneVariables() {}
}
