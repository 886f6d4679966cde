/**
 * Patches of runtimes on a cluster: their state is the status of objects, the leader moves them on,
 * and every replica orders what stands there.
 *
 * <p>In: {@code RuntimePatch} and {@code RuntimeReplica} objects, reports of this replica's
 * proxies. Out: orders by proxy, the status of patches, this replica's own object, bundles that
 * others have. What is decided is decided by {@code model.patch}. Threads: one that works, one that
 * fetches.
 */
@NullMarked
package dev.meshctl.controlplane.kubernetes.patch;

import org.jspecify.annotations.NullMarked;
