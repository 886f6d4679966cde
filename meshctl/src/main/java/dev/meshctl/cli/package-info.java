/**
 * The command line: the main class, how commands end, and the rooms of commands below.
 *
 * <p>In: arguments. Out: text for people, JSON or YAML for programs, an exit code. Nobody imports
 * this. Threads: the main thread; virtual threads for what is watched.
 */
@NullMarked
package dev.meshctl.cli;

import org.jspecify.annotations.NullMarked;
