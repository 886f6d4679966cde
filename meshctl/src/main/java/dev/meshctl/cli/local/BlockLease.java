package dev.meshctl.cli.local;

import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.local.plan.AddressPlan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * One block of addresses that no other mesh on this machine uses, for as long as this is open: a
 * listening socket at 127.BLOCK.0.1 is the lock, and the system frees it however the process ends.
 */
final class BlockLease implements AutoCloseable {
  private static final int LOCK_PORT = 15011;

  private final int block;
  private final ServerSocket lock;

  private BlockLease(int block, ServerSocket lock) {
    this.block = block;
    this.lock = lock;
  }

  /**
   * @param first where to begin looking, any number; callers that differ meet less
   */
  static BlockLease take(int first) {
    Set<Integer> inUse = networksInUse();
    int span = AddressPlan.LAST_BLOCK - AddressPlan.FIRST_BLOCK + 1;
    for (int i = 0; i < span; i++) {
      int block = AddressPlan.FIRST_BLOCK + Math.floorMod(first + i, span);
      if (inUse.contains(block)) {
        continue;
      }
      try {
        ServerSocket lock = new ServerSocket();
        try {
          lock.setReuseAddress(false);
          lock.bind(
              new InetSocketAddress(InetAddress.ofLiteral("127." + block + ".0.1"), LOCK_PORT), 1);
          return new BlockLease(block, lock);
        } catch (IOException taken) {
          lock.close();
        }
      } catch (IOException unusable) {
        // The next one may do.
      }
    }
    throw CommandFailure.failed(
        "no free block of loopback addresses: 127.64.0.0/16 to 127.254.0.0/16 are all taken",
        "end a mesh (`meshctl local status` lists yours); on macOS such addresses need"
            + " `ifconfig lo0 alias`");
  }

  int block() {
    return block;
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException alreadyClosed) {
      // Then it is free.
    }
  }

  /** Second numbers of the networks 10.x in use, by interfaces or routes. */
  private static Set<Integer> networksInUse() {
    Set<Integer> blocks = new HashSet<>();
    try {
      NetworkInterface.networkInterfaces()
          .flatMap(i -> i.getInterfaceAddresses().stream())
          .map(InterfaceAddress::getAddress)
          .map(InetAddress::getAddress)
          .filter(a -> a.length == 4 && a[0] == 10)
          .forEach(a -> blocks.add(a[1] & 0xff));
    } catch (SocketException unknown) {
      // Then routes tell.
    }
    try {
      for (String line : Files.readAllLines(Path.of("/proc/net/route"))) {
        String[] fields = line.split("\t");
        if (fields.length > 7 && fields[1].matches("[0-9A-F]{8}")) {
          long destination = Long.parseLong(fields[1], 16);
          if ((destination & 0xff) == 10) {
            blocks.add((int) (destination >> 8 & 0xff));
          }
        }
      }
    } catch (IOException notLinux) {
      // Explicit capture needs none of it.
    }
    return blocks;
  }
}
