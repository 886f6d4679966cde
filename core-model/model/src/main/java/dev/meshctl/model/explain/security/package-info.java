/**
 * Who proves to whom who he is, and who may ask whom: questions about all requests at once,
 * answered from the same translation and compiled tables as those about one.
 *
 * <p>In: an {@code explain.Scene}. Out: records for text and JSON. Threads: any; nothing is kept.
 */
@NullMarked
package dev.meshctl.model.explain.security;

import org.jspecify.annotations.NullMarked;
