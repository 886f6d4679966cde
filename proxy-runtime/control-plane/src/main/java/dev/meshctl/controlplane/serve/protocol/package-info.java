/**
 * The protocol of one ADS stream, incremental and state of the world, as two pure state machines.
 *
 * <p>In: requests of one proxy, encoded snapshots, the passing of time. Out: responses, and what
 * the proxy acknowledged or refused. May import {@code encoded}, and neither gRPC nor who is
 * connected. Imported by {@code serve}. Threads: one at a time a stream.
 */
@NullMarked
package dev.meshctl.controlplane.serve.protocol;

import org.jspecify.annotations.NullMarked;
