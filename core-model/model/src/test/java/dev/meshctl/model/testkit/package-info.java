/**
 * What tests of all rooms share: judges, scenario folders, generators.
 *
 * <p>In test scope only; may import every room of the model.
 */
@NullMarked
package dev.meshctl.model.testkit;

import org.jspecify.annotations.NullMarked;
