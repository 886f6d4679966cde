/**
 * Patches of runtimes as objects of a cluster: what is ordered ({@code RuntimePatch}) and what each
 * replica of the control plane has and has heard ({@code RuntimeReplica}), read and written.
 *
 * <p>In: trees. Out: values of {@code model.patch}. Who may import it: the control plane, which
 * performs, and the CLI, which orders and shows. Threads: immutable.
 */
@NullMarked
package dev.meshctl.cluster.patch;

import org.jspecify.annotations.NullMarked;
