/**
 * The split editor: sliders, the YAML diff before, progress after, undo.
 *
 * <p>In: the mesh's configuration folder through the shared core. Out: an edited file. May be
 * imported by: window. Threads: JavaFX; files and queries in the background.
 */
@NullMarked
package dev.meshctl.console.traffic;

import org.jspecify.annotations.NullMarked;
