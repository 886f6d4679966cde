/** Tests of the wire room. */
@NullMarked
package dev.meshctl.model.wire;

import org.jspecify.annotations.NullMarked;
