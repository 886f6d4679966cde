/**
 * What the mesh should be: a folder of YAML and an inventory, watched.
 *
 * <p>In: files. Out: accepted configurations, numbered, and what is wrong with the newest. A broken
 * configuration leaves the last good one in force. Imported by the control plane's facade. Threads:
 * one of its own, blocking.
 */
@NullMarked
package dev.meshctl.controlplane.intake;

import org.jspecify.annotations.NullMarked;
