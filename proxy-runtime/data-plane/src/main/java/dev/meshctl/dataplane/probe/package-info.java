/**
 * What a kubelet wants to know of the workload, asked by the proxy in its place: a kubelet has no
 * certificate of the mesh.
 *
 * <p>In: {@link dev.meshctl.dataplane.probe.AppProbe}s, by the path at which a kubelet asks. Out:
 * the workload's answer as a status. May be imported by: {@code app}. May import: {@code admin},
 * {@code net}. Threads: one event loop.
 */
@NullMarked
package dev.meshctl.dataplane.probe;

import org.jspecify.annotations.NullMarked;
