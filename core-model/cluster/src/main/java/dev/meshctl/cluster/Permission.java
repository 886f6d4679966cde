package dev.meshctl.cluster;

import java.util.Optional;

/** Something that somebody may or may not do, as RBAC has it. */
public sealed interface Permission {
  /** {@code get}, {@code list}, {@code watch}, {@code create}, ... */
  String verb();

  /**
   * On objects.
   *
   * @param group {@code ""} for the core
   * @param resource plural: {@code pods}; {@code pods/portforward} for a part of one
   * @param namespace empty for all of them, or for what has none
   * @param name empty for any
   */
  record OnResource(
      String verb, String group, String resource, Optional<String> namespace, Optional<String> name)
      implements Permission {
    /** In all namespaces. */
    public static OnResource everywhere(String verb, String group, String resource) {
      return new OnResource(verb, group, resource, Optional.empty(), Optional.empty());
    }

    /** In one namespace. */
    public static OnResource in(String namespace, String verb, String group, String resource) {
      return new OnResource(verb, group, resource, Optional.of(namespace), Optional.empty());
    }

    /** {@code list pods in namespace shop}. */
    @Override
    public String toString() {
      return verb
          + " "
          + resource
          + (group.isEmpty() ? "" : "." + group)
          + name.map(value -> " " + value).orElse("")
          + namespace.map(value -> " in namespace " + value).orElse(" in all namespaces");
    }
  }

  /**
   * On a path that is no object.
   *
   * @param path {@code /metrics}
   */
  record OnPath(String verb, String path) implements Permission {
    @Override
    public String toString() {
      return verb + " " + path;
    }
  }
}
