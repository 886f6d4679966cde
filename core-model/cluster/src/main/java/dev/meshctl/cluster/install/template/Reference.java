package dev.meshctl.cluster.install.template;

import java.util.Optional;

/**
 * A value that is mentioned.
 *
 * @param otherwise stands in where the first is empty
 */
public record Reference(Source first, Optional<Source> otherwise) {
  static Reference to(Source source) {
    return new Reference(source, Optional.empty());
  }
}
