package dev.meshctl.image;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The programs that write a pod's rules, from this machine: {@code nft}, and iptables in both kinds
 * with its extensions; and our own, which brings them to a pod from its node.
 *
 * @param programs where they are on this machine
 * @param extensions of iptables, loaded at run time from the folder where they are here
 */
public record CaptureTools(List<Path> programs, List<Path> extensions) {
  private static final List<String> FOLDERS = List.of("/usr/sbin", "/sbin", "/usr/bin");

  /** iptables is one program for each kind, told by its first word which of its tools to be. */
  private static final List<String> NAMES =
      List.of("nft", "xtables-nft-multi", "xtables-legacy-multi");

  private static final String PLUGIN = "meshctl-cni";

  public CaptureTools {
    programs = List.copyOf(programs);
    extensions = List.copyOf(extensions);
  }

  /** Those that are here, and the names of those that are not. */
  public record Found(CaptureTools tools, List<String> missing) {
    public Found {
      missing = List.copyOf(missing);
    }
  }

  /**
   * Looks in the usual folders.
   *
   * @param own where our own programs are, if they were built
   */
  public static Found here(Optional<Path> own) throws java.io.IOException {
    List<Path> programs = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    own.map(folder -> folder.resolve(PLUGIN))
        .filter(Files::isExecutable)
        .ifPresentOrElse(programs::add, () -> missing.add(PLUGIN));
    for (String name : NAMES) {
      Optional<Path> found =
          FOLDERS.stream()
              .map(folder -> Path.of(folder, name))
              .filter(Files::isExecutable)
              .findFirst();
      found.ifPresentOrElse(programs::add, () -> missing.add(name));
    }
    List<Path> extensions = new ArrayList<>();
    for (String folder :
        List.of(
            "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib")) {
      Path extending = Path.of(folder, "xtables");
      if (Files.isDirectory(extending)) {
        extensions.addAll(Trees.files(extending));
        break;
      }
    }
    return new Found(new CaptureTools(programs, extensions), missing);
  }
}
