package dev.meshctl.capture.pod;

import dev.meshctl.capture.AddressFamily;
import dev.meshctl.capture.CapturePlan;
import dev.meshctl.capture.pod.Programs.Ran;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Redirects the traffic of a network namespace, by the first way that program and kernel have:
 * nftables, iptables on top of it, iptables of old. Doing it again changes nothing.
 */
public final class PodCapture {
  private final Programs programs;
  private final boolean six;

  /**
   * @param six whether the namespace has IPv6
   */
  public PodCapture(Programs programs, boolean six) {
    this.programs = programs;
    this.six = six;
  }

  /**
   * Puts the rules in force.
   *
   * @return what was done, one line
   * @throws CaptureException where no way works, or IPv6 cannot be captured and the pod has an
   *     address of it; nothing is left half done then
   */
  public String apply(CapturePlan plan) throws IOException, CaptureException {
    Loader loader = loader();
    check(loader, AddressFamily.IPV4, loader.apply(programs, plan, AddressFamily.IPV4));
    if (!six) {
      return "captured by " + loader.label() + ": IPv4";
    }
    Ran of6 = loader.apply(programs, plan, AddressFamily.IPV6);
    if (of6.well()) {
      return "captured by " + loader.label() + ": IPv4 and IPv6";
    }
    boolean uses6 =
        plan.podAddresses().stream()
            .anyMatch(address -> AddressFamily.of(address) == AddressFamily.IPV6);
    if (uses6) {
      Ran unused = loader.remove(programs, AddressFamily.IPV4);
      check(loader, AddressFamily.IPV6, of6);
    }
    return "captured by "
        + loader.label()
        + ": IPv4; not IPv6, of which the pod has no address ("
        + reason(of6)
        + ")";
  }

  /**
   * Takes the rules away, whichever way they came.
   *
   * @return what was done, one line
   */
  public String remove() throws IOException, CaptureException {
    Loader unused = loader();
    List<String> removed = new ArrayList<>();
    for (Loader loader : Loader.values()) {
      for (AddressFamily family : families()) {
        if (loader.isApplied(programs, family)) {
          check(loader, family, loader.remove(programs, family));
          removed.add(loader.label() + " of " + family);
        }
      }
    }
    return removed.isEmpty()
        ? "there was nothing to remove"
        : "removed: " + String.join(", ", removed);
  }

  /** Whether the traffic of every family is captured. */
  public boolean isApplied() throws IOException, CaptureException {
    Loader unused = loader();
    for (AddressFamily family : families()) {
      boolean captured = false;
      for (Loader loader : Loader.values()) {
        captured |= loader.isApplied(programs, family);
      }
      if (!captured) {
        return false;
      }
    }
    return true;
  }

  private List<AddressFamily> families() {
    return six ? List.of(AddressFamily.values()) : List.of(AddressFamily.IPV4);
  }

  private Loader loader() throws IOException, CaptureException {
    List<String> reasons = new ArrayList<>();
    for (Loader loader : Loader.values()) {
      Ran probe = loader.probe(programs);
      if (probe.well()) {
        return loader;
      }
      if (isForbidden(probe)) {
        throw forbidden(reason(probe));
      }
      reasons.add(loader.label() + ": " + reason(probe));
    }
    throw new CaptureException(
        "no program loads rules here ("
            + String.join("; ", reasons)
            + "); the image needs nft or iptables, and the node's kernel nf_tables or ip_tables");
  }

  private static void check(Loader loader, AddressFamily family, Ran ran) throws CaptureException {
    if (isForbidden(ran)) {
      throw forbidden(reason(ran));
    }
    if (!ran.well()) {
      throw new CaptureException(
          loader.label() + " refuses the rules of " + family + ": " + reason(ran));
    }
  }

  private static boolean isForbidden(Ran ran) {
    return !ran.well()
        && (ran.err().contains("Operation not permitted")
            || ran.err().contains("Permission denied"));
  }

  private static CaptureException forbidden(String said) {
    return new CaptureException(
        "this container may not change its network ("
            + said
            + "): it needs the capability NET_ADMIN. Where the cluster gives none to pods, let a"
            + " node agent capture (capture: NODE_AGENT in the injector's settings)");
  }

  private static String reason(Ran ran) {
    if (ran.status() == Ran.MISSING) {
      return "no such program";
    }
    String said =
        Arrays.stream(ran.err().split("\n"))
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .limit(2)
            .collect(Collectors.joining(" "));
    return said.isEmpty() ? "it ended with " + ran.status() : said;
  }
}
