package dev.meshctl.cluster;

import io.fabric8.kubernetes.client.LocalPortForward;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;

/**
 * A port of a pod, reached by a port of this machine's loopback for as long as this is open.
 *
 * <p>Thread: any.
 */
public final class ForwardedPort implements AutoCloseable {
  private final LocalPortForward forward;

  ForwardedPort(LocalPortForward forward) {
    this.forward = forward;
  }

  /** Where to connect. */
  public InetSocketAddress local() {
    return new InetSocketAddress(forward.getLocalAddress(), forward.getLocalPort());
  }

  @Override
  public void close() {
    try {
      forward.close();
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }
}
