/**
 * Manifests with holes: YAML in which {@code ${...}} stands for a value of the installation. Two
 * readers of one tree, so that what we install ourselves and what Helm installs cannot differ:
 * {@link dev.meshctl.cluster.install.template.Evaluation} fills the holes, {@link
 * dev.meshctl.cluster.install.template.HelmText} writes them in Helm's language.
 *
 * <p>The language: {@code ${a.b}} a value, {@code ${a|b}} the second where the first is empty,
 * {@code ${a|'text'}}, {@code ${json a}} a value as text, {@code ${? a or b}} whether a condition
 * holds, names of {@code fragments.yaml}; a map with {@code $if} is there when its condition holds
 * ({@code a}, {@code !a}, joined by {@code or}), with {@code $value} it stands for that; a key that
 * ends in {@code ?} when its value is not empty; an item {@code {$each: a, $value: ...}} for each
 * text of a list, which is {@code ${item}} there.
 *
 * <p>Pure. Imported by {@code install}. Threads: any.
 */
@NullMarked
package dev.meshctl.cluster.install.template;

import org.jspecify.annotations.NullMarked;
