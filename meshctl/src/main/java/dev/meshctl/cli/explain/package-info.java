/**
 * The commands that say why: {@code explain request}, before the fact and after it, and {@code
 * explain code}.
 *
 * <p>In: arguments, lines of access logs, what a running mesh tells. Out: text, JSON or YAML.
 * Imported by the root alone; imports options of {@code command}. Threads: the main thread.
 */
@NullMarked
package dev.meshctl.cli.explain;

import org.jspecify.annotations.NullMarked;
