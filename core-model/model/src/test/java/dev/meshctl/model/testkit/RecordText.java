package dev.meshctl.model.testkit;

import dev.meshctl.model.xds.BalancingOptions;
import dev.meshctl.model.xds.ClusterConfig.Enforcing;
import dev.meshctl.model.xds.ClusterConfig.FailurePercentage;
import dev.meshctl.model.xds.ClusterConfig.LocalOrigin;
import dev.meshctl.model.xds.ClusterConfig.OutlierDetection;
import dev.meshctl.model.xds.ClusterConfig.SuccessRate;
import dev.meshctl.model.xds.HttpLimits;
import dev.meshctl.model.xds.HttpOptions;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.TlsParameters;
import dev.meshctl.model.xds.UpstreamOptions;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Records as text for golden files: one line a value, nested by indentation, without what is empty.
 * Short records stand on one line.
 */
public final class RecordText {
  private static final int LINE = 100;

  private RecordText() {}

  public static String of(Collection<?> values) {
    StringBuilder text = new StringBuilder();
    for (Object value : values) {
      write("", value, "", text);
    }
    return text.toString();
  }

  private static void write(String label, Object value, String indent, StringBuilder text) {
    String line = indent + label + inline(value);
    if (line.length() <= LINE || !isNested(value)) {
      text.append(line).append('\n');
      return;
    }
    if (value instanceof Collection<?> list) {
      text.append(indent).append(label.stripTrailing()).append('\n');
      list.forEach(item -> write("- ", item, indent + "  ", text));
      return;
    }
    text.append(indent).append(label).append(value.getClass().getSimpleName()).append('\n');
    components((Record) value)
        .forEach(part -> write(part.name() + ": ", part.value(), indent + "  ", text));
  }

  private static boolean isNested(Object value) {
    return value instanceof Record || value instanceof Collection<?>;
  }

  private static String inline(Object value) {
    return switch (value) {
      case String text -> text.indexOf('\n') >= 0 ? text.replace("\n", "\\n") : text;
      case Duration duration -> duration.toString();
      case Map<?, ?> map -> new TreeMap<>(map).toString();
      case Collection<?> list -> list.stream().map(RecordText::inline).toList().toString();
      case Record item -> {
        List<String> parts =
            components(item).stream()
                .map(part -> part.name() + "=" + inline(part.value()))
                .toList();
        yield item.getClass().getSimpleName() + "(" + String.join(", ", parts) + ")";
      }
      default -> value.toString();
    };
  }

  private record Part(String name, Object value) {}

  /** What is set, with optional values unwrapped. */
  private static List<Part> components(Record item) {
    List<Part> parts = new ArrayList<>();
    for (RecordComponent component : item.getClass().getRecordComponents()) {
      Object value = value(item, component);
      if (value instanceof Optional<?> optional) {
        optional.ifPresent(present -> parts.add(new Part(component.getName(), present)));
      } else if (!isEmpty(value)) {
        parts.add(new Part(component.getName(), value));
      }
    }
    return parts;
  }

  private static boolean isEmpty(Object value) {
    return value.equals("")
        || value.equals(0)
        || value.equals(false)
        || value.equals(Duration.ZERO)
        || value.equals(BalancingOptions.DEFAULT)
        || value.equals(UpstreamOptions.DEFAULT)
        || value.equals(HttpOptions.DEFAULT)
        || value.equals(HttpLimits.DEFAULT)
        || value.equals(HttpOptions.DEFAULT_HEADERS_TIMEOUT)
        || value.equals(HttpOptions.DEFAULT.server())
        || value.equals(OutlierDetection.DEFAULT_MAX_EJECTION_TIME)
        || value.equals(LocalOrigin.DEFAULT)
        || value.equals(TlsParameters.DEFAULT)
        || value.equals(Enforcing.ALWAYS)
        || value.equals(SuccessRate.OFF)
        || value.equals(FailurePercentage.OFF)
        || value instanceof Collection<?> list && list.isEmpty()
        || value instanceof Map<?, ?> map && map.isEmpty()
        || value instanceof Record item
            && item.getClass().getRecordComponents().length > 0
            && components(item).isEmpty();
  }

  private static Object value(Record item, RecordComponent component) {
    if (item instanceof SecretConfig.Material.Certificate && component.getName().equals("keyPem")) {
      return "[private key]";
    }
    try {
      var accessor = component.getAccessor();
      accessor.setAccessible(true);
      return java.util.Objects.requireNonNull(accessor.invoke(item));
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new AssertionError(component.toString(), e);
    }
  }
}
