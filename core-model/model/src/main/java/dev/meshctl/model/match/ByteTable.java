package dev.meshctl.model.match;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An immutable open-addressing map from byte strings to values. The caller rolls the hash while it
 * walks its bytes, so looking up every prefix of a path costs one pass; nothing is allocated.
 *
 * <p>Thread: any.
 */
final class ByteTable<V> {
  /** Start of a rolling hash. */
  static final int SEED = 7;

  private final boolean fold;
  private final byte[][] keys;
  private final int[] hashes;
  private final @Nullable Object[] values;
  private final int mask;
  private final int size;

  /**
   * @param entries keys as ISO-8859-1; in lower case where {@code fold}
   * @param fold compare ASCII letters without case
   * @param backwards hashes were rolled from the last byte to the first
   */
  ByteTable(Map<String, V> entries, boolean fold, boolean backwards) {
    int capacity = Integer.highestOneBit(Math.max(4, entries.size() * 4 - 1));
    this.fold = fold;
    this.keys = new byte[capacity][];
    this.hashes = new int[capacity];
    this.values = new Object[capacity];
    this.mask = capacity - 1;
    this.size = entries.size();
    entries.forEach((key, value) -> put(key, value, backwards));
  }

  private void put(String text, V value, boolean backwards) {
    byte[] key = text.getBytes(StandardCharsets.ISO_8859_1);
    int hash = SEED;
    for (int i = 0; i < key.length; i++) {
      hash = roll(hash, key[backwards ? key.length - 1 - i : i]);
    }
    int slot = slotOf(hash);
    while (values[slot] != null) {
      slot = (slot + 1) & mask;
    }
    keys[slot] = key;
    hashes[slot] = hash;
    values[slot] = value;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** The hash of what {@code hash} covers and one byte more. */
  int roll(int hash, byte next) {
    return hash * 31 + (fold ? lower(next) : next);
  }

  /** The value under a slice whose rolled hash is {@code hash}. */
  @SuppressWarnings("unchecked")
  @Nullable V find(int hash, byte[] array, int offset, int length) {
    for (int slot = slotOf(hash); ; slot = (slot + 1) & mask) {
      Object value = values[slot];
      if (value == null) {
        return null;
      }
      if (hashes[slot] == hash && equal(keys[slot], array, offset, length)) {
        return (V) value;
      }
    }
  }

  private boolean equal(byte[] key, byte[] array, int offset, int length) {
    if (key.length != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      byte other = array[offset + i];
      if (key[i] != (fold ? lower(other) : other)) {
        return false;
      }
    }
    return true;
  }

  private int slotOf(int hash) {
    int mixed = hash * 0x9E3779B9;
    return (mixed ^ (mixed >>> 16)) & mask;
  }

  /** ASCII lower case. */
  static byte lower(byte letter) {
    return letter >= 'A' && letter <= 'Z' ? (byte) (letter + 32) : letter;
  }
}
