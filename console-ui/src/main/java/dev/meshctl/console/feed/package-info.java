/**
 * Where the console's news come from: graphs and states of a running mesh.
 *
 * <p>In: the query API. Out: records handed to a listener. May be imported by: window, app.
 * Threads: virtual; listeners are called on them.
 */
@NullMarked
package dev.meshctl.console.feed;

import org.jspecify.annotations.NullMarked;
