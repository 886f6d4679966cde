/**
 * Objects as trees of JSON, what differs between two of them, and the same as a patch.
 *
 * <p>In: {@code tools.jackson} trees. Out: edits, JSON Patch (RFC 6902). May be imported by:
 * whoever may import {@code source}. Threads: pure functions; trees given are only read.
 */
@NullMarked
package dev.meshctl.model.source.tree;

import org.jspecify.annotations.NullMarked;
