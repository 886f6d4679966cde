package dev.meshctl.capture.node.flows;

import java.net.InetAddress;

/**
 * A UDP connection as the kernel tracks it: what its first packet said, and who answers it.
 *
 * @param source of the client
 * @param destination that the client meant
 * @param server that answers, behind whatever changed the destination
 */
public record Flow(
    InetAddress source,
    int sourcePort,
    InetAddress destination,
    int destinationPort,
    InetAddress server,
    int serverPort) {}
