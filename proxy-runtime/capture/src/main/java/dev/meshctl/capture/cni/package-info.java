/**
 * Capture by the node, for clusters that give no NET_ADMIN to pods: a CNI plugin that runs after
 * the cluster's own, when a pod's network is made.
 *
 * <p>In: what a container runtime says to a plugin (CNI 0.3 to 1.1), the node's list of plugins.
 * Out: what is to be captured, the plugin's answer, the list with and without it. The plugin itself
 * is the C program in {@code proxy-runtime/capture/cni}, which hands to an agent what it says of
 * pods that ask. May be imported by: {@code app}. May import: {@code capture}, {@code
 * model.source}. Threads: pure functions.
 */
@NullMarked
package dev.meshctl.capture.cni;

import org.jspecify.annotations.NullMarked;
