/**
 * What checks look at, and how they tell what they find.
 *
 * <p>In: resources with positions. Out: look-ups over them; findings. Imported by: {@code
 * validation} and the rooms of its checks. Threads: one validation, one thread.
 */
@NullMarked
package dev.meshctl.model.validation.facts;

import org.jspecify.annotations.NullMarked;
