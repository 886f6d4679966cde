package dev.meshctl.model.wire;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which fields of a message are set, unknown ones included, read off its bytes. {@link
 * Message#getAllFields} answers the same by reflection, and the accessors it makes for each message
 * class are never let go: megabytes in every sidecar.
 */
final class SetFields {
  private SetFields() {}

  /** Field numbers, in order. */
  static SortedSet<Integer> of(Message message) {
    SortedSet<Integer> numbers = new TreeSet<>();
    try {
      CodedInputStream in = message.toByteString().newCodedInput();
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        numbers.add(WireFormat.getTagFieldNumber(tag));
        boolean skipped = in.skipField(tag);
        if (!skipped) {
          throw new IllegalStateException("a message that was just written ends in a group");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("bytes that were just written", e);
    }
    return numbers;
  }
}
