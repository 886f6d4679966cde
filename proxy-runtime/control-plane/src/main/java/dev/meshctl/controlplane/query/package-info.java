/**
 * The HTTPS JSON API that CLI and console ask.
 *
 * <p>In: requests with an operator's token. Out: records of {@code model.query} as JSON. Imported
 * by the control plane's facade. Threads: a virtual thread a request.
 */
@NullMarked
package dev.meshctl.controlplane.query;

import org.jspecify.annotations.NullMarked;
