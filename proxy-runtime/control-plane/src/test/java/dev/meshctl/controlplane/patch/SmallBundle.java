package dev.meshctl.controlplane.patch;

import dev.meshctl.bundle.BundleFile;
import dev.meshctl.bundle.BundleWriter;
import dev.meshctl.bundle.Manifest;
import dev.meshctl.bundle.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A bundle of one small file. */
record SmallBundle(Path file, String digest) {
  /**
   * @param folder where it is written, as {@code VERSION.meshbundle}
   */
  static SmallBundle write(Path folder, String version, SigningKey key) throws IOException {
    Path contents = Files.createDirectories(folder.resolve("contents/lib"));
    Files.writeString(contents.resolve("a.jar"), "a".repeat(1000));
    Path file = folder.resolve(version + ".meshbundle");
    BundleWriter.write(
        folder.resolve("contents"),
        new BundleWriter.Description(
            version, "", new Manifest.Requirements(25, "", "linux", "amd64"), 1, List.of()),
        key,
        file,
        path -> {});
    return new SmallBundle(file, BundleFile.verify(file, List.of(key.trusted())).digest());
  }

  byte[] bytes() throws IOException {
    return Files.readAllBytes(file);
  }
}
