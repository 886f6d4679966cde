/**
 * What becomes of one request and why: the same translation and the same compiled tables that the
 * proxies have, asked from outside.
 *
 * <p>In: {@code validation.ValidatedMesh}, {@code xds.MeshInventory}, a question. Out: an {@code
 * Explanation}. Threads: any; nothing is kept.
 */
@NullMarked
package dev.meshctl.model.explain;

import org.jspecify.annotations.NullMarked;
