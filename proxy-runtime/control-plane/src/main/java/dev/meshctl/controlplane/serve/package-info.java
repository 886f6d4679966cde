/**
 * xDS v3 over ADS for proxies, and CSDS for who looks after them.
 *
 * <p>In: requests of proxies, and the word that snapshots are new. Out: responses, at a pace and
 * within a bound for all proxies together; who is connected and how far each followed. What a
 * response says is decided in {@code protocol}, of what {@code encoded} holds; gRPC stands here
 * around them. Imported by the control plane's facade and {@code query}. Threads: a stream's state
 * is guarded by its session's lock; nothing blocks on it but memory.
 */
@NullMarked
package dev.meshctl.controlplane.serve;

import org.jspecify.annotations.NullMarked;
