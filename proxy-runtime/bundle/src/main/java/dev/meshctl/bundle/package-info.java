/**
 * Runtimes as signed files: built, verified, kept and unpacked.
 *
 * <pre>
 * folder --{@link dev.meshctl.bundle.BundleWriter}--&gt; file --{@link dev.meshctl.bundle.BundleFile#verify}--&gt;
 *     {@link dev.meshctl.bundle.VerifiedBundle} --unpack--&gt; folder, whole or not at all
 * </pre>
 *
 * <p>A file holds nothing that its signed manifest does not name, byte for byte; its address is the
 * SHA-256 of the manifest. Not a byte of it runs, and none of its contents is interpreted, before
 * signature and digests hold. See {@code docs/adr/0018}. Threads: any, blocking; a file or folder
 * is worked on by one at a time.
 */
@NullMarked
package dev.meshctl.bundle;

import org.jspecify.annotations.NullMarked;
