/**
 * Which mesh a command is about: what a running local mesh leaves for other terminals, and how it
 * is found.
 *
 * <p>In: the state folder, {@code --mesh}. Out: {@link dev.meshctl.model.query.RunningMesh}. May be
 * imported by: the other rooms of the CLI, {@code local} above all, which writes what commands
 * read. Threads: blocking, any.
 */
@NullMarked
package dev.meshctl.cli.context;

import org.jspecify.annotations.NullMarked;
