/**
 * What each way of a node is told: text for {@code iptables-restore}, {@code nft}, {@code ipvsadm},
 * {@code ipset}, and the configuration of the runtime that stands in the middle.
 *
 * <p>In: {@link dev.meshctl.capture.node.NodePlan} and its chains. Out: text and records; nothing
 * here runs a program. May be imported by: {@code app}, the CLI. Threads: pure functions.
 */
@NullMarked
package dev.meshctl.capture.node.mode;

import org.jspecify.annotations.NullMarked;
