package dev.meshctl.model.match;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A run of bytes in an array: a view that its owner re-aims, so reading it makes no garbage.
 * Compares as ISO-8859-1.
 *
 * <p>Thread: confined to the owner's.
 */
public final class Bytes implements CharSequence {
  private byte[] array = new byte[0];
  private int offset;
  private int length;

  public Bytes() {}

  /** Copies {@code text}; characters above 255 become {@code ?}. */
  public static Bytes copyOf(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    return new Bytes().aim(bytes, 0, bytes.length);
  }

  /** Borrows {@code array} until aimed elsewhere. */
  public Bytes aim(byte[] array, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, array.length);
    this.array = array;
    this.offset = offset;
    this.length = length;
    return this;
  }

  public byte[] array() {
    return array;
  }

  public int offset() {
    return offset;
  }

  @Override
  public int length() {
    return length;
  }

  /** The byte at {@code index}, 0 to 255. */
  public int at(int index) {
    return array[offset + Objects.checkIndex(index, length)] & 0xFF;
  }

  @Override
  public char charAt(int index) {
    return (char) at(index);
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return new Bytes().aim(array, offset + start, end - start);
  }

  @Override
  public String toString() {
    return new String(array, offset, length, StandardCharsets.ISO_8859_1);
  }
}
