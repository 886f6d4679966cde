package dev.meshctl.app;

import dev.meshctl.capture.CaptureOptions;
import dev.meshctl.capture.CapturePlan;
import dev.meshctl.capture.pod.CaptureException;
import dev.meshctl.capture.pod.ChildPrograms;
import dev.meshctl.capture.pod.PodCapture;
import dev.meshctl.dataplane.dns.ResolverFile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * {@code CaptureMain apply [--NAME=VALUE...] | remove | check}: the program of a pod's init
 * container. Redirects the traffic of the network namespace that it runs in to the sidecar.
 *
 * <p>Exit codes: 0 done, 1 it did not come about (of {@code check}: not captured), 2 wrong usage.
 */
public final class CaptureMain {
  private static final String ADDRESSES = "POD_IPS";
  private static final Path INTERFACES = Path.of("/proc/net/if_inet6");
  private static final int FAILED = 1;
  private static final int WRONG = 2;

  private CaptureMain() {}

  public static void main(String[] words) {
    System.exit(run(List.of(words)));
  }

  private static int run(List<String> words) {
    try {
      PodCapture capture = new PodCapture(new ChildPrograms(), hasSix());
      switch (words.isEmpty() ? "" : words.getFirst()) {
        case "apply" -> System.out.println("capture: " + capture.apply(plan(words)));
        case "remove" -> System.out.println("capture: " + capture.remove());
        case "check" -> {
          boolean captured = capture.isApplied();
          System.out.println("capture: " + (captured ? "captured" : "not captured"));
          return captured ? 0 : FAILED;
        }
        default ->
            throw new IllegalArgumentException(
                words + " (expected: apply [--NAME=VALUE...], remove or check)");
      }
      return 0;
    } catch (IllegalArgumentException wrong) {
      System.err.println("capture: " + wrong.getMessage());
      return WRONG;
    } catch (IOException | CaptureException failed) {
      System.err.println("capture: " + failed.getMessage());
      return FAILED;
    }
  }

  private static CapturePlan plan(List<String> words) {
    String addresses = System.getenv(ADDRESSES);
    return CaptureOptions.parse(
        words.subList(1, words.size()),
        addresses == null || addresses.isBlank()
            ? List.of()
            : Arrays.stream(addresses.split(",")).map(String::strip).toList(),
        ResolverFile.nameservers(ResolverFile.SYSTEM).stream()
            .map(InetSocketAddress::getAddress)
            .map(InetAddress::getHostAddress)
            .toList());
  }

  /** Whether an interface has an address of IPv6, loopback included. */
  private static boolean hasSix() throws IOException {
    return Files.exists(INTERFACES) && !Files.readString(INTERFACES).isBlank();
  }
}
