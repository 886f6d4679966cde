/**
 * Listening sockets on their way from a process to the one that takes its place: the old one keeps
 * a copy and goes on accepting until it is told to stop, so that no connection meets a closed port
 * and none is lost from a queue.
 *
 * <p>In: descriptors of sockets that listen. Out: the same in another process. May import: {@code
 * model}. Threads: any but the loops.
 */
@NullMarked
package dev.meshctl.net.handover;

import org.jspecify.annotations.NullMarked;
