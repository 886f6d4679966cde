package dev.meshctl.model.match;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * xxHash64 (the XXH64 of the xxHash specification), Envoy's hash for rings and hash policies.
 *
 * <p>Thread: any.
 */
public final class XxHash {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long P1 = 0x9E3779B185EBCA87L;
  private static final long P2 = 0xC2B2AE3D27D4EB4FL;
  private static final long P3 = 0x165667B19E3779F9L;
  private static final long P4 = 0x85EBCA77C2B2AE63L;
  private static final long P5 = 0x27D4EB2F165667C5L;

  private XxHash() {}

  /** Of the UTF-8 of {@code text}. */
  public static long of(String text, long seed) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return of(bytes, 0, bytes.length, seed);
  }

  public static long of(Bytes bytes) {
    return of(bytes.array(), bytes.offset(), bytes.length(), 0);
  }

  /** Of {@code length} bytes from {@code at}. */
  public static long of(byte[] array, int at, int length, long seed) {
    int end = at + length;
    int next = at;
    long hash;
    if (length >= 32) {
      long a = seed + P1 + P2;
      long b = seed + P2;
      long c = seed;
      long d = seed - P1;
      for (; next <= end - 32; next += 32) {
        a = round(a, (long) LONG.get(array, next));
        b = round(b, (long) LONG.get(array, next + 8));
        c = round(c, (long) LONG.get(array, next + 16));
        d = round(d, (long) LONG.get(array, next + 24));
      }
      hash =
          Long.rotateLeft(a, 1)
              + Long.rotateLeft(b, 7)
              + Long.rotateLeft(c, 12)
              + Long.rotateLeft(d, 18);
      hash = merge(merge(merge(merge(hash, a), b), c), d);
    } else {
      hash = seed + P5;
    }
    return finish(hash + length, array, next, end);
  }

  private static long finish(long begun, byte[] array, int from, int end) {
    long hash = begun;
    int next = from;
    for (; next <= end - 8; next += 8) {
      hash = Long.rotateLeft(hash ^ round(0, (long) LONG.get(array, next)), 27) * P1 + P4;
    }
    if (next <= end - 4) {
      long word = (int) INT.get(array, next) & 0xFFFFFFFFL;
      hash = Long.rotateLeft(hash ^ (word * P1), 23) * P2 + P3;
      next += 4;
    }
    for (; next < end; next++) {
      hash = Long.rotateLeft(hash ^ ((array[next] & 0xFF) * P5), 11) * P1;
    }
    return mix(hash);
  }

  /** The last step: each bit of the result hangs on each bit of {@code hash}. */
  public static long mix(long hash) {
    long mixed = (hash ^ (hash >>> 33)) * P2;
    mixed = (mixed ^ (mixed >>> 29)) * P3;
    return mixed ^ (mixed >>> 32);
  }

  private static long round(long sum, long word) {
    return Long.rotateLeft(sum + word * P2, 31) * P1;
  }

  private static long merge(long hash, long lane) {
    return (hash ^ round(0, lane)) * P1 + P4;
  }
}
