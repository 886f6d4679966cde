package dev.meshctl.capture.node.rules;

import dev.meshctl.capture.node.ServicePort;
import dev.meshctl.capture.node.ServicePort.Target;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/** Names of chains: a word and 16 letters that stand for what the chain is for. */
final class Names {
  static final String SERVICES = "MESH-SERVICES";
  static final String NODE_PORTS = "MESH-NODEPORTS";
  static final String OUTSIDE = "MESH-OUTSIDE";
  static final String POSTROUTING = "MESH-POSTROUTING";
  static final String UNSERVED = "MESH-UNSERVED";
  static final String UNSERVED_PORTS = "MESH-UNSERVED-PORTS";
  static final String FORWARD = "MESH-FORWARD";
  static final String HEALTH = "MESH-HEALTH";

  private static final int LETTERS = 16;
  private static final int BASE = 32;

  private Names() {}

  static String internal(ServicePort port) {
    return "MESH-INT-" + hash(key(port));
  }

  static String external(ServicePort port) {
    return "MESH-EXT-" + hash(key(port));
  }

  static String allowed(ServicePort port) {
    return "MESH-FW-" + hash(key(port));
  }

  static String cluster(ServicePort port) {
    return "MESH-SVC-" + hash(key(port));
  }

  static String local(ServicePort port) {
    return "MESH-SVL-" + hash(key(port));
  }

  static String target(ServicePort port, Target target) {
    return "MESH-SEP-" + hash(key(port) + " " + target.address() + " " + target.port());
  }

  private static String key(ServicePort port) {
    return port.label() + " " + port.transport();
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return new BigInteger(1, digest)
          .toString(BASE)
          .toUpperCase(Locale.ROOT)
          .substring(0, LETTERS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
