package dev.meshctl.app;

import dev.meshctl.app.config.ProxyBootstrap;
import dev.meshctl.app.patch.Generation;
import dev.meshctl.model.xds.ProxyNode.Capture;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.Optional;

/**
 * Whether this pod is captured, found out by a connection, for which no privilege is needed: the
 * rules lead what a proxy sends to its own pod's address to the port for what comes in. So a
 * connection to a port at which nobody listens comes about, or else is refused.
 *
 * <p>A node where no agent was, when the pod's network was made, lets the pod start as if nothing
 * had been asked; nobody but the pod can notice. An init container that failed needs no such proof:
 * the pod does not get as far.
 *
 * <p>Thread: blocks its caller.
 */
final class CaptureProof {
  private static final String CAPTURED_BY = "MESHCTL_CAPTURED_BY";
  private static final String NODE_AGENT = "NODE_AGENT";
  private static final int INBOUND = 15006;
  private static final int PATIENCE_MILLIS = 3000;

  private CaptureProof() {}

  /**
   * Asked by the first process of a pod, which nobody else listens beside.
   *
   * @throws IOException where a node agent was to capture the pod and has not
   */
  static void demand(
      ProxyBootstrap bootstrap, Optional<Generation> generation, Map<String, String> environment)
      throws IOException {
    if (environment.getOrDefault(CAPTURED_BY, "").equals(NODE_AGENT)
        && generation.flatMap(Generation::predecessor).isEmpty()
        && bootstrap.node().capture() instanceof Capture.Transparent transparent
        && !isCaptured(InetAddress.ofLiteral(transparent.podAddress()), INBOUND)) {
      throw new IOException(
          "this pod is not captured: no node agent was there when its network was made, so what it"
              + " sends and receives would pass the mesh by. Delete the pod, so that another is made,"
              + " once DaemonSet meshctl-node-agent is ready on node of "
              + bootstrap.node().instance());
    }
  }

  /**
   * @param pod its address
   * @param inbound where the rules lead to; nobody listens there yet
   */
  static boolean isCaptured(InetAddress pod, int inbound) throws IOException {
    try (ServerSocket proxy = new ServerSocket();
        Socket silent = new Socket();
        Socket asking = new Socket()) {
      proxy.bind(new InetSocketAddress(inbound));
      silent.bind(new InetSocketAddress(pod, 0));
      // Nothing of it is to linger at the port that the proxy is about to open.
      asking.setSoLinger(true, 0);
      try {
        asking.connect(new InetSocketAddress(pod, silent.getLocalPort()), PATIENCE_MILLIS);
        return true;
      } catch (ConnectException refused) {
        return false;
      }
    }
  }
}
