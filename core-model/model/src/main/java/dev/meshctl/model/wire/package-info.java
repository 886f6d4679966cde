/**
 * The only room that touches protobuf: xDS resources and the mesh's own services to and from
 * records.
 *
 * <p>Threads: pure functions.
 */
@NullMarked
package dev.meshctl.model.wire;

import org.jspecify.annotations.NullMarked;
