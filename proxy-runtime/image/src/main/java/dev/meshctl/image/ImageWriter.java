package dev.meshctl.image;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainer;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ExecutionException;

/** What all images have in common, and how they get to where they are wanted. */
final class ImageWriter {
  private ImageWriter() {}

  /** Empty, of one time, for the processor of its JDK. */
  static JibContainerBuilder image(LinkedJdk jdk) throws IOException {
    return Jib.fromScratch()
        .setFormat(ImageFormat.OCI)
        .setCreationTime(Instant.parse("2026-01-01T00:00:00Z"))
        .setPlatforms(Set.of(new Platform(jdk.host().arch(), "linux")));
  }

  /** Users, groups, and where names of hosts are looked up; a folder as below {@code /}. */
  static Path texts(Path work) throws IOException {
    Path etc = Files.createDirectories(work.resolve("texts").resolve("etc"));
    Files.writeString(
        etc.resolve("passwd"),
        """
        root:x:0:0:root:/:/nonexistent
        meshctl:x:1337:1337:meshctl:/var/lib/meshctl:/nonexistent
        """);
    Files.writeString(etc.resolve("group"), "root:x:0:\nmeshctl:x:1337:\n");
    // Names of hosts first from the file that the kubelet writes.
    Files.writeString(etc.resolve("nsswitch.conf"), "hosts: files dns\n");
    return work.resolve("texts");
  }

  static RuntimeImage.Made write(
      JibContainerBuilder image, RuntimeImage.Destination destination, Path work)
      throws IOException, InterruptedException {
    try {
      Containerizer to =
          switch (destination) {
            case RuntimeImage.Destination.Tar(Path file, String name) -> {
              // As docker writes it: of a name without a host, whoever loads it makes docker.io's,
              // as a pod that says such a name does. An OCI layout's name is taken as it is.
              image.setFormat(ImageFormat.Docker);
              yield Containerizer.to(TarImage.at(file).named(name)).setOfflineMode(true);
            }
            case RuntimeImage.Destination.Registry(String name, boolean insecure) -> {
              ImageReference reference = ImageReference.parse(name);
              yield Containerizer.to(
                      RegistryImage.named(reference)
                          .addCredentialRetriever(
                              CredentialRetrieverFactory.forImage(reference, event -> {})
                                  .dockerConfig()))
                  .setAllowInsecureRegistries(insecure);
            }
          };
      JibContainer made =
          image.containerize(
              to.setToolName("meshctl")
                  .setApplicationLayersCache(work.resolve("layers"))
                  .setBaseImageLayersCache(work.resolve("base")));
      return new RuntimeImage.Made(
          made.getTargetImage().toString(),
          made.getDigest().toString(),
          made.getImageId().toString());
    } catch (InvalidImageReferenceException notOne) {
      throw new IOException("not the name of an image: " + notOne.getInvalidReference(), notOne);
    } catch (RegistryException | ExecutionException | CacheDirectoryCreationException failed) {
      throw new IOException("the image could not be written: " + failed.getMessage(), failed);
    }
  }
}
