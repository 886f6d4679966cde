/**
 * A node's plan as chains of rules, before any tool's words: what is tested, what follows, and the
 * field that made the rule.
 *
 * <p>{@code mode} writes them for iptables and nftables; {@link
 * dev.meshctl.capture.node.rules.Walk} follows a packet through them, so explanations and tests see
 * what the kernel will. In: {@link dev.meshctl.capture.node.NodePlan}. May be imported by whoever
 * may import {@code capture.node}. Threads: pure functions.
 */
@NullMarked
package dev.meshctl.capture.node.rules;

import org.jspecify.annotations.NullMarked;
