/**
 * A validated mesh to what each proxy is told.
 *
 * <p>In: {@link dev.meshctl.model.validation.ValidatedMesh} and {@link
 * dev.meshctl.model.xds.MeshInventory}. Out: {@link dev.meshctl.model.xds.XdsSnapshot}. May be
 * imported by whoever may import {@code xds}. Threads: pure, but for caches that any thread may
 * fill.
 */
@NullMarked
package dev.meshctl.model.xds.translation;

import org.jspecify.annotations.NullMarked;
