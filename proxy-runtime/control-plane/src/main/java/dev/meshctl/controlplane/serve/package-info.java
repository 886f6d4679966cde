/**
 * xDS v3 over ADS, incremental and state of the world.
 *
 * <p>In: snapshots of encoded resources, requests of proxies. Out: responses, and what each proxy
 * acknowledged. The protocol is two pure state machines ({@code DeltaState}, {@code SotwState});
 * gRPC stands around them. Imported by the control plane's facade and {@code query}. Threads: a
 * stream's state is guarded by its session's lock; nothing blocks on it but memory.
 */
@NullMarked
package dev.meshctl.controlplane.serve;

import org.jspecify.annotations.NullMarked;
