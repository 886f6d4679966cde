package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import dev.meshctl.model.xds.XdsResource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One resource being read: collects what is ignored and why it must be refused, by field path.
 * Decoders go on after a reason with a placeholder, so that all reasons are found at once.
 *
 * <p>Thread: confined to one call.
 */
final class Reading {
  private static final long MAX_DURATION_SECONDS = 315_576_000_000L;
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  private final List<String> ignored = new ArrayList<>();
  private final List<String> reasons = new ArrayList<>();

  /** {@code parent.child}, or {@code child} at the top. */
  static String join(String parent, String child) {
    return parent.isEmpty() ? child : parent + "." + child;
  }

  /** Reports each set field of {@code message} that is not known. */
  void expect(String path, Message message, KnownFields known) {
    for (FieldDescriptor field : message.getAllFields().keySet()) {
      String name = field.getName();
      if (known.leftAside().contains(name)) {
        ignored.add(join(path, name));
      } else if (!known.actedOn().contains(name)) {
        refuse(join(path, name), "not supported (expected: not set)");
      }
    }
    message
        .getUnknownFields()
        .asMap()
        .keySet()
        .forEach(number -> ignored.add(join(path, "#" + number)));
  }

  void refuse(String path, String problem) {
    reasons.add(path.isEmpty() ? problem : path + ": " + problem);
  }

  void ignore(String path) {
    ignored.add(path);
  }

  /** The message inside {@code any}, if it is one and can be parsed; refuses it otherwise. */
  <M extends Message> Optional<M> unpack(String path, Any any, Class<M> type) {
    if (!any.is(type)) {
      refuse(path, any.getTypeUrl() + " (expected: " + type.getSimpleName() + ")");
      return Optional.empty();
    }
    try {
      return Optional.of(any.unpack(type));
    } catch (InvalidProtocolBufferException e) {
      refuse(path, "not a " + type.getSimpleName() + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  /** Zero or longer; what a long of nanoseconds cannot hold is cut to what it can. */
  Duration duration(String path, com.google.protobuf.Duration duration) {
    long seconds = duration.getSeconds();
    int nanos = duration.getNanos();
    if (seconds < 0 || nanos < 0 || seconds > MAX_DURATION_SECONDS || nanos > 999_999_999) {
      refuse(path, seconds + "s " + nanos + "ns (expected: 0 or longer)");
      return Duration.ZERO;
    }
    Duration read = Duration.ofSeconds(seconds, nanos);
    return read.compareTo(LONGEST) > 0 ? LONGEST : read;
  }

  /** As a Java int; larger values, which all mean "no limit", become {@link Integer#MAX_VALUE}. */
  static int unsigned(int uint32) {
    return uint32 < 0 ? Integer.MAX_VALUE : uint32;
  }

  static int unsigned(UInt32Value value) {
    return unsigned(value.getValue());
  }

  /** The outcome where not even a name could be read. */
  Decoded refused() {
    return new Decoded.Rejected("", reasons);
  }

  /** The outcome: {@code resource} unless something was refused. */
  Decoded outcome(XdsResource resource) {
    return reasons.isEmpty()
        ? new Decoded.Accepted(resource, ignored)
        : new Decoded.Rejected(resource.name(), reasons);
  }
}
