/**
 * The live service graph: its view model, and its drawing by GraphStream.
 *
 * <p>In: graph views. Out: a picture and a selection. May be imported by: window. Threads: JavaFX;
 * layout in the background.
 */
@NullMarked
package dev.meshctl.console.topology;

import org.jspecify.annotations.NullMarked;
