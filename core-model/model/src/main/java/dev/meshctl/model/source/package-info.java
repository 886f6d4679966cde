/**
 * YAML with line and column, and the stream of resource events that folders and clusters fill.
 *
 * <p>In: bytes of documents. Out: resources with positions, diagnostics. May import: {@code
 * resource}, {@code validation.Diagnostic}. Threads: blocking, any.
 */
@NullMarked
package dev.meshctl.model.source;

import org.jspecify.annotations.NullMarked;
