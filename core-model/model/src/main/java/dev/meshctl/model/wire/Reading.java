package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
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
    for (int number : SetFields.of(message)) {
      FieldDescriptor field = known.message().findFieldByNumber(number);
      if (field == null) {
        ignored.add(join(path, "#" + number));
      } else if (known.leftAside().contains(field.getName())) {
        ignored.add(join(path, field.getName()));
      } else if (!known.actedOn().contains(field.getName())) {
        refuse(join(path, field.getName()), "not supported (expected: not set)");
      }
    }
  }

  void refuse(String path, String problem) {
    reasons.add(path.isEmpty() ? problem : path + ": " + problem);
  }

  void ignore(String path) {
    ignored.add(path);
  }

  /** The message inside {@code any}, if it is one and can be parsed; refuses it otherwise. */
  <M extends Message> Optional<M> unpack(String path, Any any, Descriptor type, Parser<M> parser) {
    if (!holds(any, type)) {
      refuse(path, any.getTypeUrl() + " (expected: " + type.getName() + ")");
      return Optional.empty();
    }
    try {
      return Optional.of(parser.parseFrom(any.getValue()));
    } catch (InvalidProtocolBufferException e) {
      refuse(path, "not a " + type.getName() + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * Whether {@code any} says that it holds a message of {@code type}. {@link Any#is}, like all that
   * asks a message object for its descriptor, makes protobuf reflect on the message's class, and
   * keeps what it finds: megabytes in every sidecar.
   */
  static boolean holds(Any any, Descriptor type) {
    String url = any.getTypeUrl();
    return url.substring(url.lastIndexOf('/') + 1).equals(type.getFullName());
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
