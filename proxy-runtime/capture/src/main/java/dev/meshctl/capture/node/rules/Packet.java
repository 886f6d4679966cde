package dev.meshctl.capture.node.rules;

import dev.meshctl.model.resource.Transport;

/**
 * The first packet of a connection.
 *
 * @param from where it comes into being
 * @param source address
 * @param destination address
 */
public record Packet(From from, String source, String destination, Transport transport, int port) {
  public enum From {
    /** A pod, on this node or another. */
    POD,
    /** A process of the node itself. */
    NODE,
    /** Any other machine. */
    OUTSIDE
  }
}
