/**
 * How the CLI writes: tables, JSON, YAML, colour, width.
 *
 * <p>In: values and where to write them. Out: characters. May be imported by: the other rooms of
 * the CLI. Threads: one writer.
 */
@NullMarked
package dev.meshctl.cli.render;

import org.jspecify.annotations.NullMarked;
