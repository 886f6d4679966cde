/**
 * The control plane's own affairs on a Kubernetes cluster: its authority in a Secret, whom its
 * tokens prove, and what one replica writes for all.
 *
 * <p>In: a cluster, the mesh in force. Out: an authority, judgements of tokens, objects written
 * back. Imported by {@code app}. Threads: blocking; each class says its own.
 */
@NullMarked
package dev.meshctl.controlplane.kubernetes;

import org.jspecify.annotations.NullMarked;
