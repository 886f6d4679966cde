package dev.meshctl.dataplane.balance;

import dev.meshctl.model.match.XxHash;
import java.util.Arrays;

/**
 * Maglev's lookup table (Eisenbud et al., NSDI 2016, section 3.4): hosts fill a table of prime size
 * in turns, each in an order of its own, so that all get their share to within one entry and few
 * entries change hands when a host leaves.
 *
 * <p>Thread: any.
 */
final class MaglevTable implements HashTable {
  private final int[] owners;

  /**
   * @param names of the hosts, at least one
   * @param weights of each, at least 1
   * @param size a prime
   */
  MaglevTable(String[] names, long[] weights, int size) {
    owners = new int[size];
    Arrays.fill(owners, -1);
    int hosts = names.length;
    long[] next = new long[hosts];
    long[] skip = new long[hosts];
    double[] target = new double[hosts];
    long heaviest = Arrays.stream(weights).max().orElse(1);
    for (int i = 0; i < hosts; i++) {
      next[i] = Long.remainderUnsigned(XxHash.of(names[i], 0), size);
      skip[i] = Long.remainderUnsigned(XxHash.of(names[i], 1), size - 1) + 1;
    }
    int filled = 0;
    for (long turn = 1; filled < size; turn++) {
      for (int i = 0; i < hosts && filled < size; i++) {
        if ((double) turn * weights[i] < target[i]) {
          continue;
        }
        target[i] += heaviest;
        while (owners[(int) next[i]] >= 0) {
          next[i] = (next[i] + skip[i]) % size;
        }
        owners[(int) next[i]] = i;
        filled++;
      }
    }
  }

  @Override
  public int size() {
    return owners.length;
  }

  @Override
  public int first(long hash) {
    return (int) Long.remainderUnsigned(hash, owners.length);
  }

  @Override
  public int at(int entry) {
    return owners[entry];
  }
}
