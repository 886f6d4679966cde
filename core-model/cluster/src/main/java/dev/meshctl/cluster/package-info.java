/**
 * The Kubernetes API: which cluster, as whom, and what is asked of it. The only room that imports
 * the Kubernetes client, so that nobody else depends on how it spells things: objects go in and out
 * as trees, and every failure is a {@link ClusterException} that says what to do.
 *
 * <p>In: a kubeconfig or a pod's service account, objects. Out: objects, answers about permissions
 * and tokens, leadership, forwarded ports. Imported by {@code controlplane}, {@code app}, {@code
 * cli} and {@code console}. Threads: blocking, any.
 */
@NullMarked
package dev.meshctl.cluster;

import org.jspecify.annotations.NullMarked;
