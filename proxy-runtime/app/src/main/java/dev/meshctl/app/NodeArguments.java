package dev.meshctl.app;

import dev.meshctl.capture.node.explain.NodeMode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * {@code --folder DIR --node NAME --mode MODE [--remove] [--lifeline]}.
 *
 * @param folder of Services, EndpointSlices and Nodes
 * @param remove take the rules away and end
 * @param lifeline end when standard input does
 */
record NodeArguments(Path folder, String node, NodeMode mode, boolean remove, boolean lifeline)
    implements Process.Lifeline {

  /**
   * @throws IllegalArgumentException where they are not these; the message says how to call
   */
  static NodeArguments parse(String main, List<String> words) {
    Path folder = null;
    String node = null;
    NodeMode mode = NodeMode.iptables;
    boolean remove = false;
    boolean lifeline = false;
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      boolean more = i + 1 < words.size();
      if (word.equals("--lifeline")) {
        lifeline = true;
      } else if (word.equals("--remove")) {
        remove = true;
      } else if (word.equals("--folder") && more) {
        folder = Path.of(words.get(++i));
      } else if (word.equals("--node") && more) {
        node = words.get(++i);
      } else if (word.equals("--mode") && more) {
        mode = mode(main, words.get(++i));
      } else {
        throw new IllegalArgumentException(usage(main, "what is " + word + "?"));
      }
    }
    if (folder == null || node == null) {
      throw new IllegalArgumentException(
          usage(main, (folder == null ? "--folder" : "--node") + " is missing"));
    }
    return new NodeArguments(folder, node, mode, remove, lifeline);
  }

  private static NodeMode mode(String main, String word) {
    return Arrays.stream(NodeMode.values())
        .filter(mode -> mode.name().equals(word))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(usage(main, "no mode " + word)));
  }

  private static String usage(String main, String problem) {
    return main
        + ": "
        + problem
        + " (expected: --folder DIR --node NAME --mode iptables|nftables|userspace [--remove]"
        + " [--lifeline])";
  }
}
