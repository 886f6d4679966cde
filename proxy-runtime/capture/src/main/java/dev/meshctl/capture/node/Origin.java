package dev.meshctl.capture.node;

import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.source.Position;

/**
 * The field that made a rule.
 *
 * @param field as in diagnostics, {@code endpoints[0].addresses}
 * @param file or cluster object
 * @param line from 1
 */
public record Origin(
    String kind, String namespace, String name, String field, String file, int line) {
  static Origin of(Located<? extends MeshResource> located, String field) {
    Position at = located.at(field);
    return new Origin(
        located.resource().kind(),
        located.resource().metadata().namespace(),
        located.resource().metadata().name(),
        field,
        at.source(),
        at.line());
  }

  /** {@code EndpointSlice shop/cart-1 endpoints[0] (cart.yaml:18)}. */
  @Override
  public String toString() {
    return kind + " " + namespace + "/" + name + " " + field + " (" + file + ":" + line + ")";
  }
}
