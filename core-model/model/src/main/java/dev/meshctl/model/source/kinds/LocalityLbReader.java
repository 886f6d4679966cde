package dev.meshctl.model.source.kinds;

import dev.meshctl.model.resource.DestinationRule.Distribute;
import dev.meshctl.model.resource.DestinationRule.Failover;
import dev.meshctl.model.resource.DestinationRule.LocalityLb;
import dev.meshctl.model.source.yaml.YamlObject;
import dev.meshctl.model.validation.DiagnosticCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code localityLbSetting}, with the checks that Istio makes. */
final class LocalityLbReader {
  private static final int WHOLE = 100;

  private LocalityLbReader() {}

  static LocalityLb read(YamlObject setting) {
    List<Distribute> distribute = new ArrayList<>();
    for (YamlObject entry : setting.objects("distribute")) {
      distribute.add(distribute(entry));
    }
    List<Failover> failover = new ArrayList<>();
    for (YamlObject entry : setting.objects("failover")) {
      failover.add(failover(entry));
    }
    List<String> labels = setting.texts("failoverPriority");
    if (!distribute.isEmpty() && !(failover.isEmpty() && labels.isEmpty())) {
      setting.report(
          DiagnosticCode.CONFLICTING_FIELDS,
          "distribute",
          "stands beside failover or failoverPriority (expected: one of them)");
    }
    return new LocalityLb(setting.flag("enabled").orElse(true), distribute, failover, labels);
  }

  private static Distribute distribute(YamlObject entry) {
    String from = entry.requiredText("from");
    Map<String, Integer> to = new LinkedHashMap<>();
    entry
        .requiredObject("to")
        .ifPresent(places -> {
          for (String place : places.written()) {
            places.number(place, 1, WHOLE).ifPresent(weight -> to.put(place, weight));
          }
          int sum = to.values().stream().mapToInt(Integer::intValue).sum();
          if (sum != WHOLE && to.size() == places.written().size()) {
            entry.report(
                DiagnosticCode.OUT_OF_RANGE, "to", "the sum is " + sum + " (expected: 100)");
          }
        });
    return new Distribute(from, to);
  }

  private static Failover failover(YamlObject entry) {
    String from = region(entry, "from");
    String to = region(entry, "to");
    if (from.equals(to) && !from.isEmpty()) {
      entry.report(
          DiagnosticCode.CONFLICTING_FIELDS, "to", "is the region of from (expected: another)");
    }
    return new Failover(from, to);
  }

  private static String region(YamlObject entry, String key) {
    String written = entry.requiredText(key);
    if (written.indexOf('/') >= 0 || written.indexOf('*') >= 0) {
      entry.report(
          DiagnosticCode.INVALID_NAME, key, "'" + written + "' (expected: a region's name)");
    }
    return written;
  }
}
