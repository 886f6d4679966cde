/**
 * One exchange from its head to its last byte: layers, tries, retries, mirrors, local answers.
 *
 * <p>In: requests from {@code http}, the configuration in force. Out: requests to {@code upstream},
 * counts to {@code observe}. Threads: an exchange is confined to the loop of its connection.
 */
@NullMarked
package dev.meshctl.dataplane.route;

import org.jspecify.annotations.NullMarked;
