/**
 * The mains of the runtime, and the wiring of its rooms.
 *
 * <p>In: a JSON file of {@code app.config}. Out: a process. Imported by nothing. Threads: {@code
 * main} wires and then waits; real time and chance enter here.
 */
@NullMarked
package dev.meshctl.app;

import org.jspecify.annotations.NullMarked;
