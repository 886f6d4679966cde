package dev.meshctl.model.validation;

import dev.meshctl.model.resource.IpBlock;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Annotations of pods that tell an injector what to do, by their established names ({@code
 * istio.io/api/annotation}), and what is wrong with those of a pod.
 *
 * <p>Threads: any; pure.
 */
public final class InjectionAnnotations {
  private static final List<String> PREFIXES =
      List.of(
          "sidecar.istio.io/",
          "traffic.sidecar.istio.io/",
          "status.sidecar.istio.io/",
          "readiness.status.sidecar.istio.io/",
          "proxy.istio.io/");
  private static final Pattern QUANTITY =
      Pattern.compile("[+]?(\\d+(\\.\\d*)?|\\.\\d+)(m|u|n|k|[KMGTPE]i?|[eE][-+]?\\d+)?");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,14}");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
  private static final Pattern IMAGE = Pattern.compile("\\S+");
  private static final int MAX_PORT = 65535;
  private static final String MEMORY_LIMIT = "sidecar.istio.io/proxyMemoryLimit";
  private static final String POWERS = "KMGTPE";

  /** What two processes of a proxy may need, each as the manifest of its bundle says. */
  public static final long TWO_RUNTIMES_BYTES = 320L << 20;

  private static final Map<String, Shape> KNOWN = new LinkedHashMap<>();

  static {
    applied("sidecar.istio.io/inject", Shape.ANYTHING);
    applied("sidecar.istio.io/status", Shape.ANYTHING);
    applied("sidecar.istio.io/nativeSidecar", Shape.BOOLEAN);
    applied("sidecar.istio.io/proxyImage", Shape.IMAGE);
    for (String resource : List.of("CPU", "CPULimit", "Memory", "MemoryLimit")) {
      applied("sidecar.istio.io/proxy" + resource, Shape.QUANTITY);
    }
    applied("sidecar.istio.io/interceptionMode", Shape.MODE);
    applied("sidecar.istio.io/rewriteAppHTTPProbers", Shape.BOOLEAN);
    applied("sidecar.istio.io/userVolume", Shape.ANYTHING);
    applied("sidecar.istio.io/userVolumeMount", Shape.ANYTHING);
    applied("traffic.sidecar.istio.io/includeInboundPorts", Shape.PORTS_OR_ALL);
    applied("traffic.sidecar.istio.io/excludeInboundPorts", Shape.PORTS);
    applied("traffic.sidecar.istio.io/includeOutboundPorts", Shape.PORTS_OR_ALL);
    applied("traffic.sidecar.istio.io/excludeOutboundPorts", Shape.PORTS);
    applied("traffic.sidecar.istio.io/includeOutboundIPRanges", Shape.BLOCKS_OR_ALL);
    applied("traffic.sidecar.istio.io/excludeOutboundIPRanges", Shape.BLOCKS);
    applied("traffic.sidecar.istio.io/excludeInterfaces", Shape.NAMES);
    applied("status.sidecar.istio.io/port", Shape.NUMBER);
    for (String timing : List.of("initialDelaySeconds", "periodSeconds", "failureThreshold")) {
      applied("readiness.status.sidecar.istio.io/" + timing, Shape.NUMBER);
    }
    applied("proxy.istio.io/config", Shape.ANYTHING);
    for (String name :
        List.of(
            "agentLogLevel",
            "bootstrapOverride",
            "componentLogLevel",
            "controlPlaneAuthPolicy",
            "discoveryAddress",
            "enableCoreDump",
            "extraStatTags",
            "logLevel",
            "proxyImageType",
            "statsCompression",
            "statsHistogramBuckets",
            "statsInclusionPrefixes",
            "statsInclusionRegexps",
            "statsInclusionSuffixes")) {
      KNOWN.put("sidecar.istio.io/" + name, Shape.NOT_APPLIED);
    }
    KNOWN.put("traffic.sidecar.istio.io/kubevirtInterfaces", Shape.NOT_APPLIED);
    KNOWN.put("readiness.status.sidecar.istio.io/applicationPorts", Shape.NOT_APPLIED);
    KNOWN.put("proxy.istio.io/overrides", Shape.NOT_APPLIED);
  }

  private InjectionAnnotations() {}

  /**
   * One thing that is wrong with an annotation.
   *
   * @param problem the value and what was expected
   */
  public record Problem(DiagnosticCode code, String annotation, String problem, String fix) {}

  /** How a value is written. */
  private enum Shape {
    ANYTHING("", value -> true),
    NOT_APPLIED("", value -> true),
    BOOLEAN("true or false", value -> asBoolean(value).isPresent()),
    QUANTITY(
        "a quantity such as 100m or 128Mi",
        value -> InjectionAnnotations.QUANTITY.matcher(value).matches()),
    IMAGE("an image", value -> InjectionAnnotations.IMAGE.matcher(value).matches()),
    NUMBER("a whole number", value -> InjectionAnnotations.NUMBER.matcher(value).matches()),
    MODE(
        "REDIRECT, TPROXY or NONE", value -> List.of("REDIRECT", "TPROXY", "NONE").contains(value)),
    NAMES("names of interfaces", value -> each(value, name -> NAME.matcher(name).matches())),
    PORTS("ports of 1 to 65535, with commas between", InjectionAnnotations::arePorts),
    PORTS_OR_ALL(
        "* or ports of 1 to 65535, with commas between",
        value -> value.equals("*") || arePorts(value)),
    BLOCKS("blocks of addresses, with commas between", InjectionAnnotations::areBlocks),
    BLOCKS_OR_ALL(
        "* or blocks of addresses, with commas between",
        value -> value.equals("*") || areBlocks(value));

    private final String expected;
    private final Predicate<String> takes;

    Shape(String expected, Predicate<String> takes) {
      this.expected = expected;
      this.takes = takes;
    }
  }

  private static void applied(String name, Shape shape) {
    KNOWN.put(name, shape);
  }

  /** What is wrong with the annotations of a pod, in their order. */
  public static List<Problem> problems(Map<String, String> annotations) {
    List<Problem> problems = new ArrayList<>();
    annotations.forEach((name, value) ->
        problem(name, value).or(() -> cramped(name, value)).ifPresent(problems::add));
    return problems;
  }

  /** Of a value that is written as it should be. */
  private static Optional<Problem> cramped(String name, String value) {
    if (!name.equals(MEMORY_LIMIT)
        || bytes(value).compareTo(BigDecimal.valueOf(TWO_RUNTIMES_BYTES)) >= 0) {
      return Optional.empty();
    }
    DiagnosticCode code = DiagnosticCode.NO_ROOM_FOR_TWO_RUNTIMES;
    return Optional.of(
        new Problem(
            code,
            name,
            name
                + ": '"
                + value
                + "' (expected: 320Mi or more, for two runtimes while one replaces the other)",
            code.fix()));
  }

  /** What a quantity of Kubernetes comes to. */
  private static BigDecimal bytes(String quantity) {
    Matcher parts = QUANTITY.matcher(quantity);
    if (!parts.matches()) {
      throw new IllegalArgumentException(quantity + " (expected: a quantity)");
    }
    BigDecimal number = new BigDecimal(parts.group(1));
    String suffix = Objects.requireNonNullElse(parts.group(3), "");
    return switch (suffix) {
      case "" -> number;
      case "m" -> number.movePointLeft(3);
      case "u" -> number.movePointLeft(6);
      case "n" -> number.movePointLeft(9);
      default -> {
        int power = POWERS.indexOf(Character.toUpperCase(suffix.charAt(0))) + 1;
        boolean exponent = suffix.length() > 1 && !suffix.endsWith("i");
        // One E stands for exa, with digits behind it for a power of ten.
        yield exponent
            ? number.scaleByPowerOfTen(Integer.parseInt(suffix.substring(1)))
            : number.multiply(BigDecimal.valueOf(suffix.endsWith("i") ? 1024 : 1000).pow(power));
      }
    };
  }

  private static Optional<Problem> problem(String name, String value) {
    Shape shape = KNOWN.get(name);
    if (shape == null) {
      if (PREFIXES.stream().noneMatch(name::startsWith)) {
        return Optional.empty();
      }
      DiagnosticCode code = DiagnosticCode.UNKNOWN_INJECTION_ANNOTATION;
      return Optional.of(
          new Problem(
              code,
              name,
              "'" + name + "' is not known",
              Suggestion.fix(name, KNOWN.keySet(), code.fix())));
    }
    if (shape == Shape.NOT_APPLIED) {
      DiagnosticCode code = DiagnosticCode.FIELD_NOT_APPLIED;
      return Optional.of(new Problem(code, name, "'" + name + "' is not applied", code.fix()));
    }
    if (!shape.takes.test(value)) {
      DiagnosticCode code = DiagnosticCode.BAD_INJECTION_ANNOTATION;
      return Optional.of(
          new Problem(
              code,
              name,
              name + ": '" + value + "' (expected: " + shape.expected + ")",
              code.fix()));
    }
    return Optional.empty();
  }

  /** {@code 80, 443}; nothing at all is an empty list. */
  public static List<String> list(String value) {
    return Arrays.stream(value.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList();
  }

  /** As Go's {@code strconv.ParseBool} reads it, by which these annotations are read. */
  public static Optional<Boolean> asBoolean(String value) {
    return switch (value) {
      case "true", "True", "TRUE", "t", "T", "1" -> Optional.of(true);
      case "false", "False", "FALSE", "f", "F", "0" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  private static boolean each(String value, Predicate<String> test) {
    return list(value).stream().allMatch(test);
  }

  private static boolean arePorts(String value) {
    return each(
        value,
        port ->
            NUMBER.matcher(port).matches()
                && Integer.parseInt(port) >= 1
                && Integer.parseInt(port) <= MAX_PORT);
  }

  private static boolean areBlocks(String value) {
    return each(value, block -> IpBlock.parse(block).isPresent());
  }
}
