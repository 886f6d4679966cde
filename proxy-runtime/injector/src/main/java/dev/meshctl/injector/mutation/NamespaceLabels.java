package dev.meshctl.injector.mutation;

import java.util.Map;

/**
 * What a namespace says of sidecars.
 *
 * @param name empty where it is not known
 */
public record NamespaceLabels(String name, Map<String, String> labels) {
  static final String INJECTION = "istio-injection";
  static final String REVISION = "istio.io/rev";

  public NamespaceLabels {
    labels = Map.copyOf(labels);
  }

  /** One that asks for sidecars of the revision. */
  public static NamespaceLabels asking(String name, InjectionSettings settings) {
    return new NamespaceLabels(name, Map.of(REVISION, settings.revision()));
  }
}
