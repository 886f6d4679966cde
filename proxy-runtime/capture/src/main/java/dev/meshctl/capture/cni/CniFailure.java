package dev.meshctl.capture.cni;

import tools.jackson.databind.node.JsonNodeFactory;

/** A plugin's refusal, as the specification has it ("Error"). */
public final class CniFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What was sent cannot be decoded. */
  static final int DECODING = 6;

  /** The configuration cannot be used. */
  static final int CONFIGURATION = 7;

  /** Ours: the rules could not be put in force. */
  public static final int NOT_CAPTURED = 100;

  private final int code;
  private final String details;

  /**
   * @param message shown as an event of the pod
   * @param details may be empty
   */
  public CniFailure(int code, String message, String details) {
    super(message);
    this.code = code;
    this.details = details;
  }

  /** What the plugin prints. */
  public String json(String version) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("cniVersion", version)
        .put("code", code)
        .put("msg", "meshctl: " + getMessage())
        .put("details", details)
        .toString();
  }
}
