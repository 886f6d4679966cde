/** Tests of translation. */
@NullMarked
package dev.meshctl.model.xds.translation;

import org.jspecify.annotations.NullMarked;
