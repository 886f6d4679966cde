package dev.meshctl.capture;

import dev.meshctl.capture.CapturePlan.Inbound;
import dev.meshctl.capture.CapturePlan.Outbound;
import dev.meshctl.capture.CapturePlan.Proxy;
import dev.meshctl.model.resource.IpBlock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Options of the capture program, as the injector writes them: {@code --NAME=VALUE}, lists with
 * commas between, {@code *} for all and {@code none} for nothing.
 */
public final class CaptureOptions {
  private static final String ALL = "*";
  private static final String NONE = "none";
  private static final int MAX_PORT = 65535;
  private static final Set<String> NAMES =
      new TreeSet<>(
          List.of(
              "--outbound-port",
              "--inbound-port",
              "--dns-port",
              "--admin-port",
              "--proxy-uid",
              "--proxy-gid",
              "--include-inbound-ports",
              "--exclude-inbound-ports",
              "--include-outbound-blocks",
              "--exclude-outbound-blocks",
              "--include-outbound-ports",
              "--exclude-outbound-ports",
              "--exclude-interfaces",
              "--probe-sources"));

  private final Map<String, String> values = new HashMap<>();

  private CaptureOptions() {}

  /**
   * @param words {@code --NAME=VALUE}
   * @param podAddresses of the pod, the first one of its primary family; empty where not known
   * @param nameservers of the pod
   * @throws IllegalArgumentException where a word is not one of these options; the message says
   *     what is expected
   */
  public static CapturePlan parse(
      List<String> words, List<String> podAddresses, List<String> nameservers) {
    CaptureOptions options = new CaptureOptions();
    words.forEach(options::read);
    return new CapturePlan(
        new Proxy(
            options.numbers("--proxy-uid", List.of(CapturePlan.PROXY_ID)),
            options.numbers("--proxy-gid", List.of(CapturePlan.PROXY_ID)),
            options.port("--outbound-port", 15001),
            options.port("--inbound-port", 15006),
            options.port("--dns-port", 0),
            options.port("--admin-port", 15000)),
        podAddresses,
        nameservers,
        options.blocks("--probe-sources"),
        new Inbound(
            options.included("--include-inbound-ports")
                ? Optional.empty()
                : Optional.of(options.numbers("--include-inbound-ports", List.of())),
            options.numbers("--exclude-inbound-ports", List.of())),
        new Outbound(
            options.included("--include-outbound-blocks")
                ? Optional.empty()
                : Optional.of(options.blocks("--include-outbound-blocks")),
            options.blocks("--exclude-outbound-blocks"),
            options.numbers("--include-outbound-ports", List.of()),
            options.numbers("--exclude-outbound-ports", List.of())),
        options.list("--exclude-interfaces"));
  }

  private void read(String word) {
    int equals = word.indexOf('=');
    String name = equals < 0 ? word : word.substring(0, equals);
    if (equals < 0 || !NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "what is "
              + word
              + "? (expected: NAME=VALUE with one of "
              + String.join(", ", NAMES)
              + ")");
    }
    values.put(name, word.substring(equals + 1));
  }

  /** Whether all are included. */
  private boolean included(String name) {
    return list(name).equals(List.of(ALL)) || !values.containsKey(name);
  }

  private List<String> list(String name) {
    List<String> list = new ArrayList<>();
    for (String item : values.getOrDefault(name, "").split(",")) {
      if (!item.isBlank() && !item.strip().equals(NONE)) {
        list.add(item.strip());
      }
    }
    return list;
  }

  private List<String> blocks(String name) {
    List<String> blocks = list(name);
    for (String block : blocks) {
      if (IpBlock.parse(block).isEmpty()) {
        throw new IllegalArgumentException(
            name + ": '" + block + "' (expected: a block of addresses such as 10.0.0.0/8)");
      }
    }
    return blocks;
  }

  private int port(String name, int otherwise) {
    List<Integer> numbers = numbers(name, List.of(otherwise));
    return numbers.isEmpty() ? otherwise : numbers.getFirst();
  }

  /** Ports and ids: both end at 65535 here. */
  private List<Integer> numbers(String name, List<Integer> otherwise) {
    if (!values.containsKey(name)) {
      return otherwise;
    }
    List<Integer> numbers = new ArrayList<>();
    for (String item : list(name)) {
      int number = item.matches("\\d{1,5}") ? Integer.parseInt(item) : -1;
      if (number < 0 || number > MAX_PORT) {
        throw new IllegalArgumentException(
            name + ": '" + item + "' (expected: a number of 0 to " + MAX_PORT + ")");
      }
      numbers.add(number);
    }
    return numbers;
  }
}
