/**
 * What a proxy is told, as records: the meaning of the xDS v3 resources that we speak, free of
 * protobuf.
 *
 * <p>The control plane translates a validated mesh to these; {@code wire} turns them into xDS bytes
 * and back; the data plane compiles them into tables. May import: rooms above it. Threads:
 * immutable.
 */
@NullMarked
package dev.meshctl.model.xds;

import org.jspecify.annotations.NullMarked;
