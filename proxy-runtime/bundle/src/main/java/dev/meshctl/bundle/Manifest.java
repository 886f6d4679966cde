package dev.meshctl.bundle;

import dev.meshctl.bundle.BundleException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * All that a bundle is, and all that is in it. Its bytes are what is signed, and their SHA-256 is
 * the bundle's address.
 *
 * @param schema of this record: {@link #SCHEMA}
 * @param buildId tells builds of one version apart
 * @param memoryBytes that one process of it needs; what an overlap of two processes adds
 * @param programs that it can run
 * @param entries in the order in which their contents follow
 */
public record Manifest(
    int schema,
    String version,
    String buildId,
    Requirements requires,
    long memoryBytes,
    List<Program> programs,
    List<Entry> entries) {
  public static final int SCHEMA = 1;

  static final int MAX_BYTES = 1 << 20;
  private static final int MAX_ENTRIES = 4096;
  private static final long MAX_ENTRY_BYTES = 256L << 20;
  private static final long MAX_TOTAL_BYTES = 768L << 20;

  /** Of a whole file: contents can only become shorter by packing. */
  static final long MAX_FILE_BYTES = MAX_TOTAL_BYTES + MAX_BYTES + (1 << 10);

  private static final int MAX_PATH = 200;

  private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9_@+-][A-Za-z0-9._@+-]*");
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  /**
   * What it runs on.
   *
   * @param javaFeature least feature release of the JDK
   * @param javaBuild the very JVM for which its caches are good; on another they are left aside
   * @param os {@code linux}
   * @param arch {@code amd64} or {@code arm64}
   */
  public record Requirements(int javaFeature, String javaBuild, String os, String arch) {}

  /**
   * One main.
   *
   * @param name {@code proxy}, {@code control-plane}
   * @param cache path of its AOT cache; empty for none
   * @param flags of the JVM, memory included
   * @param classPath paths of its jars, in order
   */
  public record Program(
      String name, String mainClass, String cache, List<String> flags, List<String> classPath) {
    public Program {
      flags = List.copyOf(flags);
      classPath = List.copyOf(classPath);
    }
  }

  /** How an entry stands in the file. */
  public enum Packing {
    /** As it is. */
    STORED,
    /** RFC 1951. */
    DEFLATED
  }

  /**
   * One file.
   *
   * @param path relative, with slashes
   * @param size of its content, in bytes
   * @param sha256 of its content
   * @param modifiedEpochSeconds when it was modified, by which a JVM may know a jar
   * @param packedSize of what stands in the file
   * @param packedSha256 of what stands in the file
   */
  public record Entry(
      String path,
      long size,
      String sha256,
      long modifiedEpochSeconds,
      boolean executable,
      Packing packing,
      long packedSize,
      String packedSha256) {}

  public Manifest {
    programs = List.copyOf(programs);
    entries = List.copyOf(entries);
  }

  /** Of the contents as they stand in the file. */
  long packedBytes() {
    return entries.stream().mapToLong(Entry::packedSize).sum();
  }

  /** Of all contents, unpacked. */
  public long contentBytes() {
    return entries.stream().mapToLong(Entry::size).sum();
  }

  byte[] bytes() {
    return Json.MAPPER.writeValueAsString(this).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads what was signed.
   *
   * @throws BundleException where it is none, of a newer schema, unsafe or too large
   */
  static Manifest of(byte[] bytes) throws BundleException {
    Manifest manifest;
    try {
      JsonNode tree = Json.MAPPER.readTree(bytes);
      JsonNode schema = tree.path("schema");
      if (!schema.isInt()) {
        throw malformed("schema: " + schema + " (expected: a number)");
      }
      if (schema.intValue() != SCHEMA) {
        throw new BundleException(
            schema.intValue() > SCHEMA ? Reason.NEWER_SCHEMA : Reason.MALFORMED,
            "manifest schema: "
                + schema
                + " (expected: "
                + SCHEMA
                + "); upgrade what reads it, or build with an older meshctl");
      }
      manifest = Json.MAPPER.treeToValue(tree, Manifest.class);
    } catch (JacksonException | NullPointerException unreadable) {
      throw malformed("it does not read as one: " + unreadable.getMessage());
    }
    manifest.check();
    return manifest;
  }

  /**
   * @throws BundleException where it is not one that may be written or read
   */
  void check() throws BundleException {
    try {
      BundleVersion unused = new BundleVersion(version);
    } catch (IllegalArgumentException bad) {
      throw malformed(String.valueOf(bad.getMessage()));
    }
    if (entries.size() > MAX_ENTRIES) {
      throw new BundleException(
          Reason.TOO_LARGE,
          "entries: " + entries.size() + " (expected: at most " + MAX_ENTRIES + ")");
    }
    Set<String> paths = new HashSet<>();
    long total = 0;
    for (Entry entry : entries) {
      check(entry);
      if (!paths.add(entry.path)) {
        throw malformed(entry.path + " is there twice");
      }
      total += entry.size;
      if (total > MAX_TOTAL_BYTES) {
        throw new BundleException(
            Reason.TOO_LARGE,
            "contents: more than " + MAX_TOTAL_BYTES + " bytes with " + entry.path);
      }
    }
    checkFolders(new TreeSet<>(paths));
    if (paths.contains("manifest.json")) {
      throw malformed("manifest.json stands among the entries");
    }
    for (Program program : programs) {
      check(program, paths);
    }
    if (memoryBytes < 0) {
      throw malformed("memoryBytes: " + memoryBytes + " (expected: 0 or more)");
    }
  }

  private static void check(Entry entry) throws BundleException {
    checkPath(entry.path);
    if (entry.size < 0 || entry.packedSize < 0) {
      throw malformed(entry.path + ": size below 0");
    }
    if (entry.size > MAX_ENTRY_BYTES || entry.packedSize > MAX_ENTRY_BYTES) {
      throw new BundleException(
          Reason.TOO_LARGE,
          entry.path
              + ": "
              + Math.max(entry.size, entry.packedSize)
              + " bytes (expected: at most "
              + MAX_ENTRY_BYTES
              + ")");
    }
    if (entry.packing == Packing.STORED
        && (entry.size != entry.packedSize || !entry.sha256.equals(entry.packedSha256))) {
      throw malformed(entry.path + " is stored, and yet not as it is");
    }
    if (!DIGEST.matcher(entry.sha256).matches() || !DIGEST.matcher(entry.packedSha256).matches()) {
      throw malformed(entry.path + ": a digest is not 64 hexadecimal digits");
    }
  }

  private static void checkPath(String path) throws BundleException {
    boolean safe = path.length() <= MAX_PATH;
    for (String segment : path.split("/", -1)) {
      safe &= SEGMENT.matcher(segment).matches();
    }
    if (!safe) {
      throw new BundleException(
          Reason.UNSAFE_PATH,
          "entry '"
              + (path.length() <= MAX_PATH ? path : path.substring(0, MAX_PATH) + "...")
              + "' (expected: a relative path of plain names, none of which begins with a dot)");
    }
  }

  private static void checkFolders(TreeSet<String> paths) throws BundleException {
    for (String path : paths) {
      String below = paths.higher(path + "/");
      if (below != null && below.startsWith(path + "/")) {
        throw malformed(path + " is a file and the folder of " + below);
      }
    }
  }

  private static void check(Program program, Set<String> paths) throws BundleException {
    checkPath(program.name);
    // What unpacking writes of its own.
    if (program.name.contains("/") || paths.contains(program.name + ".args")) {
      throw malformed("program '" + program.name + "' is no plain name, or is an entry too");
    }
    for (String needed : program.classPath) {
      if (!paths.contains(needed)) {
        throw malformed("program " + program.name + " needs " + needed + ", which is no entry");
      }
    }
    if (!program.cache.isEmpty() && !paths.contains(program.cache)) {
      throw malformed(
          "program " + program.name + " needs " + program.cache + ", which is no entry");
    }
  }

  static BundleException malformed(String problem) {
    return new BundleException(Reason.MALFORMED, "the manifest: " + problem);
  }

  private static final class Json {
    static final JsonMapper MAPPER =
        JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .disable(SerializationFeature.INDENT_OUTPUT)
            .build();
  }
}
