package dev.meshctl.app.patch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * What runs in this process.
 *
 * @param digest of its bundle; empty for what was shipped
 */
public record RunningRuntime(String version, String digest) {
  /** What an unpacked bundle has in its folder. */
  private static final String MANIFEST = "manifest.json";

  /**
   * @param generation of this process
   * @param build the version of this build, for what has no manifest
   */
  public static RunningRuntime of(Generation generation, String build) {
    Path manifest = generation.runtime().resolve(MANIFEST);
    try {
      if (!Files.exists(manifest)) {
        return new RunningRuntime(build, "");
      }
      byte[] bytes = Files.readAllBytes(manifest);
      boolean shipped = generation.runtime().equals(generation.shipped());
      return new RunningRuntime(version(bytes, build), shipped ? "" : sha256(bytes));
    } catch (IOException unreadable) {
      return new RunningRuntime(build, "");
    }
  }

  /** Read from tokens: data binding would be most of what a sidecar loads. */
  private static String version(byte[] manifest, String otherwise) {
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), manifest)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean version = parser.currentName().equals("version");
        parser.nextToken();
        if (version) {
          return parser.getString();
        }
        parser.skipChildren();
      }
    } catch (JacksonException malformed) {
      return otherwise;
    }
    return otherwise;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every JVM has SHA-256", missing);
    }
  }
}
