package dev.meshctl.cli.check;

import dev.meshctl.cli.context.RunningMeshes;
import io.netty.handler.ssl.OpenSsl;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a mesh needs of the machine. */
public final class MachineChecks {
  private static final int LEAST_JAVA = 25;

  private final Map<String, String> environment;
  private final RunningMeshes meshes;

  public MachineChecks(Map<String, String> environment, RunningMeshes meshes) {
    this.environment = environment;
    this.meshes = meshes;
  }

  public List<Finding> run() {
    List<Finding> findings = new ArrayList<>();
    findings.add(java());
    findings.add(nativeTls());
    findings.add(loopback());
    findings.add(stateFolder());
    findings.add(setpriv());
    findings.add(transparent());
    return findings;
  }

  private static Finding java() {
    String found = Runtime.version() + " at " + System.getProperty("java.home");
    return Runtime.version().feature() >= LEAST_JAVA
        ? Finding.ok("java", found)
        : Finding.error("java", found, "set JAVA_HOME to a JDK 25 or newer");
  }

  private static Finding nativeTls() {
    if (OpenSsl.isAvailable()) {
      return Finding.ok("tls", OpenSsl.versionString() + " (native)");
    }
    Throwable cause = OpenSsl.unavailabilityCause();
    return Finding.warning(
        "tls",
        "no native TLS here: " + (cause == null ? "unknown" : cause.getMessage()),
        "the JDK's own is used, at about a third of the speed; run on Linux x86-64 with glibc");
  }

  private static Finding loopback() {
    String address = "127.254.254.254";
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
      return Finding.ok("loopback", "all of 127.0.0.0/8 can be listened at");
    } catch (IOException e) {
      return Finding.error(
          "loopback",
          address + ": " + e.getMessage(),
          "a local mesh gives every workload its own address of 127.0.0.0/8: run it on Linux, or"
              + " add the addresses to lo");
    }
  }

  private Finding stateFolder() {
    Path folder = meshes.stateFolder();
    Path nearest = folder;
    while (nearest.getParent() != null && !Files.exists(nearest)) {
      nearest = nearest.getParent();
    }
    return Files.isDirectory(nearest) && Files.isWritable(nearest)
        ? Finding.ok("state", folder.toString())
        : Finding.error(
            "state",
            nearest + " cannot be written",
            "make it writable, or set " + RunningMeshes.STATE_VARIABLE + " to a folder that is");
  }

  private Finding setpriv() {
    return onPath("setpriv")
        .map(path -> Finding.ok("setpriv", path.toString()))
        .orElseGet(() ->
            Finding.warning(
                "setpriv",
                "not on PATH",
                "install util-linux: it makes processes end with the one that started them, and"
                    + " transparent capture needs it"));
  }

  private Finding transparent() {
    List<String> missing =
        List.of("ip", "unshare", "nsenter", "iptables").stream()
            .filter(tool -> onPath(tool).isEmpty())
            .toList();
    if (!missing.isEmpty()) {
      return Finding.warning(
          "transparent",
          "not possible: " + String.join(", ", missing) + " not on PATH",
          "install iproute2, util-linux and iptables, or stay with explicit capture");
    }
    return System.getProperty("user.name", "").equals("root")
        ? Finding.ok("transparent", "possible: root, with ip, unshare, nsenter, iptables")
        : Finding.warning(
            "transparent", "needs root", "run as root, or stay with explicit capture");
  }

  private Optional<Path> onPath(String tool) {
    for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
      Path path = Path.of(folder, tool);
      if (!folder.isEmpty() && Files.isExecutable(path)) {
        return Optional.of(path);
      }
    }
    for (String folder : List.of("/usr/sbin", "/sbin")) {
      if (Files.isExecutable(Path.of(folder, tool))) {
        return Optional.of(Path.of(folder, tool));
      }
    }
    return Optional.empty();
  }
}
