/**
 * Fuzzers, their committed inputs, and a short run of each. A fuzzer is a class with {@code
 * fuzzerTestOneInput}, beside what it tests; inputs lie in {@code resources/fuzz} by its name.
 */
@NullMarked
package dev.meshctl.dataplane.fuzz;

import org.jspecify.annotations.NullMarked;
