package dev.meshctl.model.xds;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code filter_metadata["envoy.lb"]}: what endpoints have and routes ask for, so that balancers
 * choose among subsets of hosts.
 */
public record Labels(Map<String, Value> values) {
  public static final Labels NONE = new Labels(Map.of());

  public Labels {
    values = Map.copyOf(values);
  }

  /** Labels that are texts, as nearly all are. */
  public static Labels of(Map<String, String> texts) {
    Map<String, Value> values = new HashMap<>();
    texts.forEach((key, text) -> values.put(key, new Value.Text(text)));
    return new Labels(values);
  }

  /** A value as it stands in a {@code Struct}; numbers are never texts. */
  public sealed interface Value {
    record Text(String text) implements Value {}

    record Number(double number) implements Value {}

    record Flag(boolean flag) implements Value {}

    record Several(List<Value> values) implements Value {
      public Several {
        values = List.copyOf(values);
      }
    }
  }

  public boolean isEmpty() {
    return values.isEmpty();
  }

  public Set<String> keys() {
    return values.keySet();
  }

  /** These, where {@code over} has no others. */
  public Labels with(Labels over) {
    if (over.isEmpty() || isEmpty()) {
      return over.isEmpty() ? this : over;
    }
    Map<String, Value> both = new HashMap<>(values);
    both.putAll(over.values);
    return new Labels(both);
  }

  /** Those of {@code keys}. */
  public Labels only(Set<String> keys) {
    Map<String, Value> some = new HashMap<>(values);
    some.keySet().retainAll(keys);
    return new Labels(some);
  }

  /**
   * All that {@code wanted} has are among these.
   *
   * @param severalAsAny a list here has each of its elements
   */
  public boolean have(Labels wanted, boolean severalAsAny) {
    for (Map.Entry<String, Value> each : wanted.values.entrySet()) {
      Value own = values.get(each.getKey());
      if (own == null
          || !(own.equals(each.getValue())
              || severalAsAny
                  && own instanceof Value.Several(var some)
                  && some.contains(each.getValue()))) {
        return false;
      }
    }
    return true;
  }
}
