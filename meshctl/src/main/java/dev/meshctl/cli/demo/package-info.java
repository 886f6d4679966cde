/**
 * {@code meshctl demo}: a real mesh under load while a split moves, judged by what its sidecars
 * measured.
 *
 * <p>In: {@code samples/bookshop}. Out: tables, or one JSON object; an exit code that holds only
 * where every request was answered and every share is as desired. Nobody imports this but the root
 * command. Threads: virtual threads send load; the main thread tells the story.
 */
@NullMarked
package dev.meshctl.cli.demo;

import org.jspecify.annotations.NullMarked;
