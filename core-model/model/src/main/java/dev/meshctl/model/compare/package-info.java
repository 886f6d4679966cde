/**
 * The requests whose fate differs between two configurations of a mesh, in classes with an example
 * of each.
 *
 * <p>In: two {@code validation.ValidatedMesh}. Out: a {@code Difference}. What the proxies are told
 * is compared as they compile it ({@code match}): the space of requests is cut wherever a condition
 * of either side cuts it, and one request of each piece is asked of both. Threads: any; nothing is
 * kept.
 */
@NullMarked
package dev.meshctl.model.compare;

import org.jspecify.annotations.NullMarked;
