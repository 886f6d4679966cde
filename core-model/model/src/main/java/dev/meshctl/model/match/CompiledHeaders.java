package dev.meshctl.model.match;

import dev.meshctl.model.xds.RouteTableConfig.Header;
import dev.meshctl.model.xds.RouteTableConfig.HeaderChanges;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Compiled header changes: leave out every header that {@link #drops}, then append {@link #fields},
 * or for HTTP/1.1 the ready-made {@link #http1()}.
 *
 * <p>Thread: any.
 */
public final class CompiledHeaders {
  public static final CompiledHeaders NONE = new CompiledHeaders(HeaderChanges.NONE);

  private final ByteTable<Boolean> dropped;
  private final List<Field> fields;
  private final byte[] http1;

  private CompiledHeaders(HeaderChanges changes) {
    Map<String, Boolean> drops = new HashMap<>();
    changes.remove().forEach(name -> drops.put(name.toLowerCase(Locale.ROOT), true));
    changes.set().forEach(header -> drops.put(header.name().toLowerCase(Locale.ROOT), true));
    dropped = new ByteTable<>(drops, true, false);
    fields = Stream.concat(changes.set().stream(), changes.add().stream()).map(Field::of).toList();
    http1 = http1Of(fields);
  }

  static CompiledHeaders compile(HeaderChanges changes) {
    boolean none = changes.set().isEmpty() && changes.add().isEmpty() && changes.remove().isEmpty();
    return none ? NONE : new CompiledHeaders(changes);
  }

  private static byte[] http1Of(List<Field> fields) {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (Field field : fields) {
      lines.writeBytes(field.name().getBytes(StandardCharsets.ISO_8859_1));
      lines.write(':');
      lines.write(' ');
      lines.writeBytes(field.value().getBytes(StandardCharsets.UTF_8));
      lines.write('\r');
      lines.write('\n');
    }
    return lines.toByteArray();
  }

  /**
   * A header to append.
   *
   * @param name in lower case
   */
  public record Field(String name, String value) {
    private static Field of(Header header) {
      return new Field(header.name().toLowerCase(Locale.ROOT), literal(header.value()));
    }

    /** {@code %%} is a percent sign; other formats are refused before. */
    private static String literal(String value) {
      return value.replace("%%", "%");
    }
  }

  /** Nothing changes. */
  public boolean isEmpty() {
    return dropped.isEmpty() && fields.isEmpty();
  }

  /** Whether any header may be dropped. */
  public boolean dropsAny() {
    return !dropped.isEmpty();
  }

  /** Whether the header under this name goes, in any case of letters. */
  public boolean drops(byte[] array, int offset, int length) {
    if (dropped.isEmpty()) {
      return false;
    }
    int hash = ByteTable.SEED;
    for (int i = 0; i < length; i++) {
      hash = dropped.roll(hash, array[offset + i]);
    }
    return dropped.find(hash, array, offset, length) != null;
  }

  /** What to append, in order. */
  public List<Field> fields() {
    return fields;
  }

  /** {@link #fields} as header lines, each with its CR LF. Borrowed: not to be written to. */
  public byte[] http1() {
    return http1;
  }
}
