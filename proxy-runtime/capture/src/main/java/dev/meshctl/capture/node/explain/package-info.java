/**
 * What becomes of a packet on a node, rule by rule, for people.
 *
 * <p>In: a validated mesh, a node, a Service, a client. Out: records that {@code meshctl service
 * explain} shows. May be imported by: the CLI. Threads: pure functions.
 */
@NullMarked
package dev.meshctl.capture.node.explain;

import org.jspecify.annotations.NullMarked;
