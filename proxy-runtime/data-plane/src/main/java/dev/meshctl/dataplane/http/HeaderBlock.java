package dev.meshctl.dataplane.http;

import dev.meshctl.model.match.Bytes;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Header fields as bytes with an index: the text {@code name: value CRLF} of each field in one
 * array, and beside it where name and value lie. Both protocols share it; HTTP/1 copies unchanged
 * runs of fields with one copy.
 *
 * <p>Thread: confined to one event loop. Pooled: valid from {@code clear} to its owner's release.
 */
public class HeaderBlock {
  /**
   * Ints a field takes in {@link #index}: id, name offset and length, value offset and length, end.
   */
  private static final int STRIDE = 6;

  private static final int REMOVED = -1;
  private static final int KEEP_ARRAY_BYTES = 16 * 1024;

  byte[] bytes = new byte[1024];
  int end;
  private int[] index = new int[STRIDE * 16];
  private int count;
  private final Bytes view = new Bytes();

  /** Forgets everything. */
  public void clear() {
    end = 0;
    count = 0;
    if (bytes.length > KEEP_ARRAY_BYTES) {
      bytes = new byte[1024];
    }
  }

  /** Fields ever added, removed ones included. */
  public final int size() {
    return count;
  }

  final int id(int field) {
    return index[field * STRIDE];
  }

  final int nameOffset(int field) {
    return index[field * STRIDE + 1];
  }

  final int nameLength(int field) {
    return index[field * STRIDE + 2];
  }

  final int valueOffset(int field) {
    return index[field * STRIDE + 3];
  }

  final int valueLength(int field) {
    return index[field * STRIDE + 4];
  }

  public final boolean removed(int field) {
    return index[field * STRIDE] == REMOVED;
  }

  public final String name(int field) {
    return text(nameOffset(field), nameLength(field));
  }

  public final String value(int field) {
    return text(valueOffset(field), valueLength(field));
  }

  final String text(int offset, int length) {
    return new String(bytes, offset, length, StandardCharsets.ISO_8859_1);
  }

  final void room(int more) {
    if (end + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, end + more));
    }
  }

  /**
   * Indexes a field whose text already lies in {@link #bytes}; {@code fieldEnd} is after its CRLF.
   */
  final void index(
      int id, int nameOffset, int nameLength, int valueOffset, int valueLength, int fieldEnd) {
    int at = count * STRIDE;
    if (at == index.length) {
      index = Arrays.copyOf(index, at * 2);
    }
    index[at] = id;
    index[at + 1] = nameOffset;
    index[at + 2] = nameLength;
    index[at + 3] = valueOffset;
    index[at + 4] = valueLength;
    index[at + 5] = fieldEnd;
    count++;
  }

  /** Appends a field; both are ISO-8859-1 and must be valid. */
  public final void add(CharSequence name, CharSequence value) {
    room(name.length() + value.length() + 4);
    int nameOffset = end;
    append(name);
    bytes[end++] = ':';
    bytes[end++] = ' ';
    int valueOffset = end;
    append(value);
    bytes[end++] = '\r';
    bytes[end++] = '\n';
    index(
        HeaderId.of(bytes, nameOffset, name.length()),
        nameOffset,
        name.length(),
        valueOffset,
        value.length(),
        end);
  }

  /** Appends text after the fields, without indexing it; the caller made room. */
  final void append(CharSequence text) {
    if (text instanceof AsciiString ascii) {
      System.arraycopy(ascii.array(), ascii.arrayOffset(), bytes, end, ascii.length());
      end += ascii.length();
      return;
    }
    for (int i = 0; i < text.length(); i++) {
      bytes[end++] = (byte) text.charAt(i);
    }
  }

  public final void set(String name, CharSequence value) {
    remove(name);
    add(name, value);
  }

  public final void remove(String name) {
    for (int i = find(name, 0); i >= 0; i = find(name, i + 1)) {
      removeAt(i);
    }
  }

  /** Chooses fields by their names. */
  public interface NameTest {
    boolean test(byte[] array, int offset, int length);
  }

  /** Removes fields by name, but never the host. */
  public final void removeWhere(NameTest test) {
    for (int i = 0; i < count; i++) {
      if (!removed(i) && id(i) != HeaderId.HOST && test.test(bytes, nameOffset(i), nameLength(i))) {
        removeAt(i);
      }
    }
  }

  final void removeAt(int field) {
    index[field * STRIDE] = REMOVED;
  }

  final void removeId(int id) {
    for (int i = 0; i < count; i++) {
      if (id(i) == id) {
        removeAt(i);
      }
    }
  }

  /** The first field with this id at or after {@code from}, -1 for none. */
  final int findId(int id, int from) {
    for (int i = from; i < count; i++) {
      if (index[i * STRIDE] == id) {
        return i;
      }
    }
    return -1;
  }

  /** The first field with this name (any case) at or after {@code from}, -1 for none. */
  public final int find(String name, int from) {
    int length = name.length();
    for (int i = from; i < count; i++) {
      if (index[i * STRIDE + 2] == length
          && index[i * STRIDE] != REMOVED
          && Syntax.equalsIgnoreCase(bytes, nameOffset(i), length, name)) {
        return i;
      }
    }
    return -1;
  }

  /** A field's value, several joined with a comma; null where absent. Valid until the next call. */
  public final @Nullable Bytes value(String name) {
    int first = find(name, 0);
    if (first < 0) {
      return null;
    }
    int next = find(name, first + 1);
    if (next < 0) {
      return view.aim(bytes, valueOffset(first), valueLength(first));
    }
    StringBuilder joined = new StringBuilder(value(first));
    for (; next >= 0; next = find(name, next + 1)) {
      joined.append(',').append(value(next));
    }
    return Bytes.copyOf(joined.toString());
  }

  final Bytes aim(int offset, int length) {
    return view.aim(bytes, offset, length);
  }

  /** Bytes that {@link #writeFields} writes, at most. */
  final int textBytes() {
    return end;
  }

  /** Copies all fields but the removed as HTTP/1 text into {@code out} (borrowed). */
  final void writeFields(ByteBuf out) {
    int runStart = -1;
    int runEnd = -1;
    for (int i = 0; i < count; i++) {
      if (removed(i)) {
        continue;
      }
      int start = nameOffset(i);
      if (start != runEnd) {
        if (runStart >= 0) {
          out.writeBytes(bytes, runStart, runEnd - runStart);
        }
        runStart = start;
      }
      runEnd = index[i * STRIDE + 5];
    }
    if (runStart >= 0) {
      out.writeBytes(bytes, runStart, runEnd - runStart);
    }
  }

  /** Adds all fields of {@code other} but the removed. */
  public final void addAll(HeaderBlock other) {
    for (int i = 0; i < other.count; i++) {
      if (!other.removed(i)) {
        add(
            other.aim(other.nameOffset(i), other.nameLength(i)).toString(),
            other.aim(other.valueOffset(i), other.valueLength(i)).toString());
      }
    }
  }

  /** Fields named by {@code Connection}, and those that end at each hop (RFC 9110 7.6.1). */
  final void removeHopByHop(boolean keepUpgrade) {
    for (int i = 0; i < count; i++) {
      switch (id(i)) {
        case HeaderId.CONNECTION -> {
          removeNamedBy(i, keepUpgrade);
          removeAt(i);
        }
        case HeaderId.KEEP_ALIVE,
            HeaderId.PROXY_CONNECTION,
            HeaderId.TRANSFER_ENCODING,
            HeaderId.HTTP2_SETTINGS ->
            removeAt(i);
        case HeaderId.UPGRADE -> {
          if (!keepUpgrade) {
            removeAt(i);
          }
        }
        case HeaderId.TE -> {
          if (!Syntax.listHolds(bytes, valueOffset(i), valueLength(i), "trailers")) {
            removeAt(i);
          } else if (valueLength(i) != 8) {
            removeAt(i);
            add("te", "trailers");
          }
        }
        default -> {}
      }
    }
  }

  private void removeNamedBy(int connection, boolean keepUpgrade) {
    int offset = valueOffset(connection);
    int length = valueLength(connection);
    if (Syntax.equalsIgnoreCase(bytes, offset, length, "keep-alive")
        || Syntax.equalsIgnoreCase(bytes, offset, length, "close")) {
      return;
    }
    for (String name : text(offset, length).split(",")) {
      String token = name.strip();
      boolean vital =
          token.equalsIgnoreCase("te")
              || token.equalsIgnoreCase("host")
              || token.equalsIgnoreCase("content-length")
              || (keepUpgrade && token.equalsIgnoreCase("upgrade"));
      if (!token.isEmpty() && !vital) {
        remove(token);
      }
    }
  }

  /** {@code Connection} holds {@code token}. */
  final boolean connectionHolds(String token) {
    for (int i = findId(HeaderId.CONNECTION, 0); i >= 0; i = findId(HeaderId.CONNECTION, i + 1)) {
      if (Syntax.listHolds(bytes, valueOffset(i), valueLength(i), token)) {
        return true;
      }
    }
    return false;
  }
}
