package dev.meshctl.app.config;

import dev.meshctl.model.xds.ProxyNode;

/**
 * What {@code ProxyMain --config FILE} reads (JSON).
 *
 * @param trustDomain of the identity to ask for
 * @param discoveryAddress {@code HOST:PORT} of the control plane's gRPC (xDS, certificates,
 *     telemetry)
 * @param trustBundleFile PEM that verifies the control plane
 * @param tokenFile JWT that proves who we are when we ask for the first certificate; read at each
 *     use
 * @param adminAddress {@code HOST:PORT}, loopback only; port 0 picks one
 * @param healthAddress {@code HOST:PORT} that tells only whether it is ready; empty for none
 * @param dnsAddress {@code HOST:PORT} of the mesh DNS, empty for none
 * @param accessLog file, {@code -} for standard output, empty for none
 * @param workerThreads event loops, at least 1
 */
public record ProxyBootstrap(
    ProxyNode node,
    String trustDomain,
    String discoveryAddress,
    String trustBundleFile,
    String tokenFile,
    String adminAddress,
    String healthAddress,
    String dnsAddress,
    String accessLog,
    int workerThreads) {}
