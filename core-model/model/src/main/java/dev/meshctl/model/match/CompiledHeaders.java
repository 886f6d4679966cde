package dev.meshctl.model.match;

import dev.meshctl.model.xds.route.Header;
import dev.meshctl.model.xds.route.HeaderChanges;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
  private final List<Conditional> conditionals;
  private final byte[] http1;

  private CompiledHeaders(HeaderChanges changes) {
    Map<String, Boolean> drops = new HashMap<>();
    changes.remove().forEach(name -> drops.put(name.toLowerCase(Locale.ROOT), true));
    conditionals = new ArrayList<>();
    if (isPlain(changes)) {
      changes.set().forEach(header -> drops.put(header.name().toLowerCase(Locale.ROOT), true));
      fields =
          Stream.concat(changes.set().stream(), changes.add().stream()).map(Field::of).toList();
    } else {
      fields = List.of();
      changes.set().forEach(header -> add(When.ALWAYS_SET, header));
      changes.add().forEach(header -> add(When.ALWAYS_ADD, header));
      changes.addIfAbsent().forEach(header -> add(When.IF_ABSENT, header));
      changes.setIfPresent().forEach(header -> add(When.IF_PRESENT, header));
    }
    dropped = new ByteTable<>(drops, true, false);
    http1 = http1Of(fields);
  }

  /** Each is sent as it is, whatever the exchange. */
  private static boolean isPlain(HeaderChanges changes) {
    return changes.addIfAbsent().isEmpty()
        && changes.setIfPresent().isEmpty()
        && Stream.concat(changes.set().stream(), changes.add().stream())
            .noneMatch(
                header -> header.format() || (header.value().isEmpty() && !header.keepEmpty()));
  }

  private void add(When when, Header header) {
    conditionals.add(
        new Conditional(
            header.name().toLowerCase(Locale.ROOT),
            HeaderFormat.compile(
                header.format() ? header.value() : header.value().replace("%", "%%")),
            when,
            header.keepEmpty()));
  }

  /** What a conditional header asks of the head. */
  public enum When {
    ALWAYS_SET,
    ALWAYS_ADD,
    IF_ABSENT,
    IF_PRESENT
  }

  /**
   * A header whose fate the exchange decides.
   *
   * @param name in lower case
   * @param keepEmpty sent though its value is empty
   */
  public record Conditional(String name, HeaderFormat value, When when, boolean keepEmpty) {}

  /**
   * In place of {@link #fields}, where any of the changes depends on the exchange. Values and
   * conditions are those of the head before any of them; what is set comes before what is added.
   */
  public List<Conditional> conditionals() {
    return conditionals;
  }

  /** Drops {@code names}, adds nothing. */
  public static CompiledHeaders dropping(List<String> names) {
    return compile(new HeaderChanges(List.of(), List.of(), names));
  }

  static CompiledHeaders compile(HeaderChanges changes) {
    return changes.equals(HeaderChanges.NONE) ? NONE : new CompiledHeaders(changes);
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
      return new Field(header.name().toLowerCase(Locale.ROOT), header.value());
    }
  }

  /** Nothing changes. */
  public boolean isEmpty() {
    return dropped.isEmpty() && fields.isEmpty() && conditionals.isEmpty();
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
