/**
 * The parts of a route that stand for themselves: what it matches, and what it changes, waits for,
 * copies and breaks. The route itself is in {@link dev.meshctl.model.xds.RouteTableConfig}.
 *
 * <p>In: values. Out: records. Imported by whoever reads routes. Threads: immutable.
 */
@NullMarked
package dev.meshctl.model.xds.route;

import org.jspecify.annotations.NullMarked;
