/**
 * Golden-signal records and histograms.
 *
 * <p>In: counts from a proxy. Out: windows, quantiles. Threads: records are immutable; histograms
 * have one writer.
 */
@NullMarked
package dev.meshctl.model.telemetry;

import org.jspecify.annotations.NullMarked;
