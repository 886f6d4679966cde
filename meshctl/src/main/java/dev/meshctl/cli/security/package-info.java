/**
 * The commands about identity and access: {@code mtls}, {@code authz}, {@code cert}, {@code trust}.
 *
 * <p>In: a folder, a cluster, or what a running mesh tells. Out: text, JSON or YAML. Imported by
 * the root alone; imports options of {@code command}. Threads: the main thread.
 */
@NullMarked
package dev.meshctl.cli.security;

import org.jspecify.annotations.NullMarked;
