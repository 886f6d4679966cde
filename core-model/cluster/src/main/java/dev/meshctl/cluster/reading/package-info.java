/**
 * What a cluster holds, as resources of the mesh: followed for as long as a control plane runs, or
 * read once for a command. What is read here is what files hold.
 *
 * <p>In: a connection. Out: resources with positions, findings. Imported by {@code controlplane}
 * and {@code cli}. Threads: each class says its own.
 */
@NullMarked
package dev.meshctl.cluster.reading;

import org.jspecify.annotations.NullMarked;
