/**
 * The text of YAML: documents as nodes with marks, and a typed cursor over them that knows which
 * fields were read and which were not.
 *
 * <p>In: text. Out: typed values with positions, findings. May import: {@code source}, {@code
 * resource}, {@code validation.Diagnostic}; imported by {@code source} and its parsers, and by
 * {@code traffic} for edits. Threads: confined to one caller.
 */
@NullMarked
package dev.meshctl.model.source.yaml;

import org.jspecify.annotations.NullMarked;
