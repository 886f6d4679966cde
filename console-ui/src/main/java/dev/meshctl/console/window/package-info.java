/**
 * The window: graph, side panel, status bar, keys.
 *
 * <p>In: the feed and the view models of the other rooms. Out: a scene. May be imported by: app.
 * Threads: JavaFX.
 */
@NullMarked
package dev.meshctl.console.window;

import org.jspecify.annotations.NullMarked;
