package dev.meshctl.dataplane.observe.log;

import dev.meshctl.model.match.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Copies of those fields of a message that a log will ask for when the message is gone.
 *
 * <p>Thread: confined to the loop of the exchange.
 */
public final class KeptFields {
  public static final KeptFields NONE = new KeptFields(new String[0], new Bytes[0]);

  private final String[] names;
  private final @Nullable Bytes[] values;

  /** Where values come from. */
  public interface Source {
    /** Valid until the next call; null where absent. */
    @Nullable Bytes value(String lowerCaseName);
  }

  private KeptFields(String[] names, @Nullable Bytes[] values) {
    this.names = names;
    this.values = values;
  }

  static KeptFields of(String[] names, Source source) {
    if (names.length == 0) {
      return NONE;
    }
    @Nullable Bytes[] values = new Bytes[names.length];
    for (int i = 0; i < names.length; i++) {
      Bytes value = source.value(names[i]);
      values[i] = value == null ? null : Bytes.copyOf(value.toString());
    }
    return new KeptFields(names, values);
  }

  /** Null where it was absent or is not kept. */
  public @Nullable Bytes find(String lowerCaseName) {
    for (int i = 0; i < names.length; i++) {
      if (names[i].equals(lowerCaseName)) {
        return values[i];
      }
    }
    return null;
  }
}
