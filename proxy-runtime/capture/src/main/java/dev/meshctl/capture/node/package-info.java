/**
 * What a node does for Services: from the Services and EndpointSlices of a mesh to what each
 * Service port comes to on one node, {@link dev.meshctl.capture.node.NodePlan}.
 *
 * <p>All ways of a node (userspace, iptables, IPVS, nftables) are rendered from that plan, by
 * {@code mode}; two of them by way of the chains in {@code rules}, so that they cannot differ in
 * what they mean. In: a validated mesh. Out: records and text; nothing here runs a program. May be
 * imported by: {@code app}, the CLI. May import: {@code model.resource}, {@code source}, {@code
 * validation}, {@code xds}. Threads: pure functions.
 */
@NullMarked
package dev.meshctl.capture.node;

import org.jspecify.annotations.NullMarked;
