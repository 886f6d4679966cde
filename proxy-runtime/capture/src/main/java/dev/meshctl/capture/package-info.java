/**
 * Transparent capture: what the kernel must be told so that a workload's traffic meets its sidecar
 * without the workload knowing.
 *
 * <p>In: addresses, ports, exemptions. Out: text for {@code iptables-restore}, {@code nft} and
 * {@code sh}; nothing here runs a program or needs a privilege, but in {@code pod}. May be imported
 * by: the local launcher, {@code app}. May import: {@code model.resource}. Threads: pure functions.
 */
@NullMarked
package dev.meshctl.capture;

import org.jspecify.annotations.NullMarked;
