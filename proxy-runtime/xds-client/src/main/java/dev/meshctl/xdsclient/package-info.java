/**
 * The xDS streams of a proxy: xDS v3 in every variant in, whole snapshots out, ACK or NACK back,
 * the last good snapshot kept.
 *
 * <p>May import: {@code net}, {@code model}. Threads: virtual threads and gRPC's callbacks; nothing
 * runs on the data plane's loops.
 */
@NullMarked
package dev.meshctl.xdsclient;

import org.jspecify.annotations.NullMarked;
