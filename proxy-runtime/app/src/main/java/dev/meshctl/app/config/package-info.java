/**
 * What the mains read at start, as JSON files of these records.
 *
 * <p>Threads: immutable.
 */
@NullMarked
package dev.meshctl.app.config;

import org.jspecify.annotations.NullMarked;
