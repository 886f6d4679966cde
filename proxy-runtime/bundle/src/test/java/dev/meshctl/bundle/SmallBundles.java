package dev.meshctl.bundle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;

/** Bundles of a few bytes, good ones and ones that no writer would write. */
final class SmallBundles {
  static final SigningKey KEY = SigningKey.generate();
  static final List<TrustedKey> TRUSTED = List.of(KEY.trusted());
  static final Instant MODIFIED = Instant.parse("2026-11-23T00:00:00Z");
  static final Host HOST = new Host(25, "25+36/1000", "linux", "amd64");

  private SmallBundles() {}

  static BundleWriter.Description description(String version) {
    return new BundleWriter.Description(
        version,
        "",
        new Manifest.Requirements(25, "25+36/1000", "linux", "amd64"),
        64 << 20,
        List.of(
            new Manifest.Program(
                "proxy",
                "dev.meshctl.app.ProxyMain",
                "cache/proxy.aot",
                List.of("-Xmx64m"),
                List.of("lib/b.jar", "lib/a.jar"))));
  }

  /** A folder with a jar that does not shrink, text that does, and a program. */
  static Path contents(Path parent) throws IOException {
    Path folder = parent.resolve("contents");
    Files.createDirectories(folder.resolve("lib"));
    Files.createDirectories(folder.resolve("cache"));
    Files.createDirectories(folder.resolve("bin"));
    byte[] noise = new byte[300];
    new java.util.Random(7).nextBytes(noise);
    Files.write(folder.resolve("lib/a.jar"), noise);
    Files.writeString(folder.resolve("lib/b.jar"), "b");
    Files.writeString(folder.resolve("cache/proxy.aot"), "cache ".repeat(100));
    Path program = folder.resolve("bin/run");
    Files.writeString(program, "run");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.setLastModifiedTime(file, FileTime.from(MODIFIED));
      }
    }
    return folder;
  }

  /** A good one. */
  static Path write(Path parent, String version) throws IOException {
    Path folder =
        Files.isDirectory(parent.resolve("contents"))
            ? parent.resolve("contents")
            : contents(parent);
    Path file = parent.resolve("runtime-" + version + ".meshbundle");
    BundleWriter.write(folder, description(version), KEY, file, path -> {});
    return file;
  }

  /** Whatever manifest, rightly signed, before whatever contents. */
  static Path signed(Path parent, String manifest, byte[] contents) throws IOException {
    byte[] bytes = manifest.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(BundleFile.headBytes(bytes.length) + contents.length);
    file.put(BundleFile.MAGIC)
        .putInt(bytes.length)
        .put(bytes)
        .put(KEY.trusted().id())
        .put(KEY.sign(BundleFile.MAGIC, bytes))
        .put(contents);
    return Files.write(parent.resolve("crafted.meshbundle"), file.array());
  }

  /** A manifest with one stored entry of one byte, {@code x}. */
  static String manifest(String schema, String version, String entry) {
    return """
    {"schema":%s,"version":"%s","buildId":"b",\
    "requires":{"javaFeature":25,"javaBuild":"","os":"linux","arch":"amd64"},\
    "memoryBytes":0,"programs":[],"entries":[%s]}\
    """
        .formatted(schema, version, entry);
  }

  static String entry(String path, long size, long packedSize, String packing) {
    String digest = Digests.of("x".getBytes(StandardCharsets.UTF_8));
    return """
    {"path":"%s","size":%d,"sha256":"%s","modifiedEpochSeconds":0,"executable":false,\
    "packing":"%s","packedSize":%d,"packedSha256":"%s"}\
    """
        .formatted(path, size, digest, packing, packedSize, digest);
  }
}
