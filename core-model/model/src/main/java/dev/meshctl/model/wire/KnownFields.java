package dev.meshctl.model.wire;

import com.google.protobuf.Descriptors.Descriptor;
import java.util.Set;

/**
 * Which fields of a message we act on, and which we leave aside because no request's fate hangs on
 * them (statistics, tuning, tracing). Any other field that is set refuses the resource.
 */
record KnownFields(Descriptor message, Set<String> actedOn, Set<String> leftAside) {

  /** Fails where the message has no such field, so that a mistyped name cannot hide. */
  static KnownFields of(Descriptor message, String... actedOn) {
    return new KnownFields(message, existing(message, actedOn), Set.of());
  }

  KnownFields leavingAside(String... fields) {
    return new KnownFields(message, actedOn, existing(message, fields));
  }

  private static Set<String> existing(Descriptor message, String... fields) {
    for (String field : fields) {
      if (message.findFieldByName(field) == null) {
        throw new IllegalArgumentException(message.getFullName() + " has no field " + field);
      }
    }
    return Set.of(fields);
  }
}
