package dev.meshctl.model.xds;

import dev.meshctl.model.resource.ResourceId;

/**
 * What a route was made from, so that whoever asks why is shown the line.
 *
 * @param kind with {@code namespace} and {@code name} the id of a resource
 * @param field of it, as in diagnostics: {@code spec.http[0].match[1]}
 */
public record RouteOrigin(String kind, String namespace, String name, String field) {
  public static RouteOrigin of(ResourceId resource, String field) {
    return new RouteOrigin(resource.kind(), resource.namespace(), resource.name(), field);
  }

  public ResourceId resource() {
    return new ResourceId(kind, namespace, name);
  }
}
