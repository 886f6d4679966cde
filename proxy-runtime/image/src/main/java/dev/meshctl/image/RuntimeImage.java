package dev.meshctl.image;

import com.google.cloud.tools.jib.api.JibContainerBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes an image of its parts, the same of the same parts: {@code /opt/meshctl/jdk}, {@code
 * /opt/meshctl/runtime}, {@code /opt/meshctl/bin}. It has no shell, is run by user 1337, and writes
 * nothing outside of {@code /tmp} and {@code /var/lib/meshctl}.
 */
public final class RuntimeImage {
  /** Where everything of ours is. */
  public static final String HOME = "/opt/meshctl";

  private static final String USER = "1337:1337";

  /**
   * What goes in.
   *
   * @param version for the labels
   * @param runtime an unpacked bundle, made for {@code HOME/runtime}
   * @param supervisor the program that is process 1; without one it is the proxy's JVM
   */
  public record Parts(
      String version, LinkedJdk jdk, Path runtime, CaptureTools tools, Optional<Path> supervisor) {}

  /** Where it goes. */
  public sealed interface Destination {
    /**
     * A file in the form of {@code docker save}.
     *
     * @param name by which whoever loads it knows it, {@code HOST/NAME:TAG}
     */
    record Tar(Path file, String name) implements Destination {}

    /**
     * A registry, with the credentials of the user's Docker configuration.
     *
     * @param insecure HTTP, or HTTPS that nobody vouches for, will do
     */
    record Registry(String name, boolean insecure) implements Destination {}
  }

  /**
   * What was made.
   *
   * @param digest of the image's manifest
   * @param id of its configuration, by which nodes know it
   */
  public record Made(String name, String digest, String id) {}

  private RuntimeImage() {}

  /**
   * @throws IOException where a part is missing, or the registry refuses; the message says which
   */
  public static Made write(Parts parts, Destination destination)
      throws IOException, InterruptedException {
    Path work = Files.createTempDirectory("meshctl-image");
    try {
      JibContainerBuilder image =
          ImageWriter.image(parts.jdk())
              .setFileEntriesLayers(contents(parts, work).layers())
              .setEntrypoint(entryPoint(parts))
              .setEnvironment(environment())
              .setUser(USER)
              .setLabels(labels(parts));
      return ImageWriter.write(image, destination, work);
    } finally {
      Trees.delete(work);
    }
  }

  private static ImageContents contents(Parts parts, Path work)
      throws IOException, InterruptedException {
    Path jdk = parts.jdk().home();
    ImageContents contents = new ImageContents();
    List<Path> binaries = new ArrayList<>(parts.jdk().binaries());
    binaries.addAll(Trees.files(parts.runtime().resolve("native")));
    parts.supervisor().ifPresent(binaries::add);
    Path empty = Files.createDirectory(work.resolve("empty"));
    contents.system(
        parts.tools(), binaries, parts.jdk().libraries(), empty, ImageWriter.texts(work));
    contents.tree("jdk", jdk, HOME + "/jdk", false);
    contents.tree("runtime", parts.runtime(), HOME + "/runtime", true);
    if (parts.supervisor().isPresent()) {
      contents.program("supervisor", parts.supervisor().get(), HOME + "/bin/supervisor");
    }
    return contents;
  }

  private static Map<String, String> environment() {
    // In one order: it stands in the image's configuration, and so in its digest.
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("JAVA_HOME", HOME + "/jdk");
    environment.put("PATH", HOME + "/bin:" + HOME + "/jdk/bin");
    // Else below /run, which nobody may write to.
    environment.put("XTABLES_LOCKFILE", "/tmp/xtables.lock");
    return environment;
  }

  private static List<String> entryPoint(Parts parts) {
    return parts.supervisor().isPresent()
        ? List.of(HOME + "/bin/supervisor")
        : List.of(HOME + "/jdk/bin/java", "@" + HOME + "/runtime/proxy.args");
  }

  private static Map<String, String> labels(Parts parts) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("org.opencontainers.image.title", "meshctl");
    labels.put(
        "org.opencontainers.image.description",
        "Proxy, control plane and set-up of pods of the meshctl service mesh");
    labels.put("org.opencontainers.image.version", parts.version());
    labels.put("org.opencontainers.image.licenses", "Apache-2.0");
    labels.put("dev.meshctl.jdk", parts.jdk().host().javaBuild());
    return labels;
  }
}
