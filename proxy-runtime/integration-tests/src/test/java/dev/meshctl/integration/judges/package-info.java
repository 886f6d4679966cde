/**
 * Programs that others wrote judge our proxy.
 *
 * <p>In: a proxy in this process on a port of its own. Out: the judge's verdict, with its own words
 * kept under {@code target/judges}. Threads: each test its own proxy.
 */
@NullMarked
package dev.meshctl.integration.judges;

import org.jspecify.annotations.NullMarked;
