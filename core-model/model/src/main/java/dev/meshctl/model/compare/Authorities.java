package dev.meshctl.model.compare;

import dev.meshctl.model.xds.RouteTableConfig;
import dev.meshctl.model.xds.RouteTableConfig.VirtualHost;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Authorities that stand for all there are, as far as the domains of tables tell them apart. */
final class Authorities {
  /** Stands for a label, and for a name that no table has. */
  private static final String SOME = "some";

  private static final String SOME_PORT = "12345";

  /** Those that people write first: short, without a number in front. */
  static final Comparator<String> NICEST_FIRST =
      Comparator.comparing((String name) -> Character.isDigit(name.charAt(0)))
          .thenComparing(name -> name.contains(SOME))
          .thenComparing(String::length)
          .thenComparing(Comparator.naturalOrder());

  private Authorities() {}

  /** At least one for every set of domains that an authority can meet. */
  static List<String> of(List<RouteTableConfig> tables) {
    List<String> domains =
        tables.stream()
            .flatMap(table -> table.hosts().stream())
            .map(VirtualHost::domains)
            .flatMap(List::stream)
            .distinct()
            .toList();
    List<String> suffixes =
        domains.stream()
            .filter(domain -> domain.startsWith("*") && domain.length() > 1)
            .map(domain -> domain.substring(1))
            .toList();
    List<String> prefixes =
        domains.stream()
            .filter(domain -> domain.endsWith("*") && domain.length() > 1)
            .map(domain -> domain.substring(0, domain.length() - 1))
            .toList();
    Set<String> all = new LinkedHashSet<>();
    domains.stream().filter(domain -> !domain.contains("*")).forEach(all::add);
    suffixes.forEach(suffix -> all.add(SOME + suffix));
    for (String prefix : prefixes) {
      all.add(prefix.endsWith(":") ? prefix + SOME_PORT : prefix + SOME);
      if (!prefix.endsWith(":")) {
        suffixes.forEach(suffix -> Stream.of("", SOME).forEach(m -> all.add(prefix + m + suffix)));
      }
    }
    // The port tells a name with a wildcard of ports from the bare one.
    List<String> bare = all.stream().filter(name -> name.indexOf(':') < 0).toList();
    bare.forEach(name -> all.add(name + ":" + SOME_PORT));
    // Where ports are ignored, routes may still ask for an authority with the port of the table.
    tables.stream()
        .filter(RouteTableConfig::ignorePort)
        .map(table -> table.name().replaceFirst(".*?([0-9]*)$", "$1"))
        .filter(port -> !port.isEmpty())
        .distinct()
        .forEach(port -> bare.forEach(name -> all.add(name + ":" + port)));
    all.add(SOME + ".example");
    List<String> sorted = new ArrayList<>(all);
    sorted.sort(NICEST_FIRST);
    return sorted;
  }
}
