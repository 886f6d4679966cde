/** What tests of the proxy share: an authority, backends, snapshots. */
@NullMarked
package dev.meshctl.dataplane.testing;

import org.jspecify.annotations.NullMarked;
