/**
 * One verb-object file a command: it parses, calls, renders.
 *
 * <p>In: arguments. Out: text, JSON or YAML. Imported by the root alone. Threads: the main thread.
 */
@NullMarked
package dev.meshctl.cli.command;

import org.jspecify.annotations.NullMarked;
