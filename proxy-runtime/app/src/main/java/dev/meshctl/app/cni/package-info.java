/**
 * The node agent: captures pods that ask for it, from the node, where the cluster gives them no
 * NET_ADMIN.
 *
 * <p>In: what the plugin hands on, changes of the node's list of plugins. Out: rules in pods'
 * networks, the plugin and its entry on the node, and nothing of either at the end. May be imported
 * by: {@code app}'s mains, tests. Threads: a virtual one for each pod that starts; blocking.
 */
@NullMarked
package dev.meshctl.app.cni;

import org.jspecify.annotations.NullMarked;
