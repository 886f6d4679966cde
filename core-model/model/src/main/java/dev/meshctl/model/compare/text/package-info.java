/**
 * Texts told apart by patterns: every way in which a text can meet some of them and not others,
 * with examples.
 *
 * <p>In: {@code xds.RouteTableConfig.ValueMatch}, RE2 expressions. Out: {@code Cells}. Imported by
 * {@code compare} only. Threads: any; nothing is kept.
 */
@NullMarked
package dev.meshctl.model.compare.text;

import org.jspecify.annotations.NullMarked;
