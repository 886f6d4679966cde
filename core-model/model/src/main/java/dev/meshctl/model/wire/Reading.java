package dev.meshctl.model.wire;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.UInt32Value;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SecretConfig.Material;
import dev.meshctl.model.xds.StandaloneConfig.WatchedFile;
import dev.meshctl.model.xds.XdsResource;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One resource being read: collects what is ignored and why it must be refused, by field path.
 * Decoders go on after a reason with a placeholder, so that all reasons are found at once.
 *
 * <p>Thread: confined to one call.
 */
final class Reading {
  private static final long MAX_DURATION_SECONDS = 315_576_000_000L;
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  private final DataFiles files;
  private final boolean lenient;
  private final List<SecretConfig> inlineSecrets = new ArrayList<>();
  private final Set<WatchedFile> watched = new LinkedHashSet<>();
  private final List<Streamed> streamed = new ArrayList<>();
  private final List<String> ignored = new ArrayList<>();
  private final List<String> reasons = new ArrayList<>();

  /** Strict, without files. */
  Reading() {
    this(DataFiles.NONE, false);
  }

  /**
   * @param lenient go on without what is not supported
   */
  Reading(DataFiles files, boolean lenient) {
    this.files = files;
    this.lenient = lenient;
  }

  /** {@code parent.child}, or {@code child} at the top. */
  static String join(String parent, String child) {
    return parent.isEmpty() ? child : parent + "." + child;
  }

  /** Reports each set field of {@code message} that is not known. */
  void expect(String path, Message message, KnownFields known) {
    for (int number : SetFields.of(message)) {
      FieldDescriptor field = known.message().findFieldByNumber(number);
      if (field == null) {
        ignored.add(join(path, "#" + number));
      } else if (known.leftAside().contains(field.getName())) {
        ignored.add(join(path, field.getName()));
      } else if (!known.actedOn().contains(field.getName())) {
        unsupported(join(path, field.getName()), "not supported (expected: not set)");
      }
    }
  }

  void refuse(String path, String problem) {
    reasons.add(path.isEmpty() ? problem : path + ": " + problem);
  }

  /** Refuses what we do not implement; a lenient reading goes on without it. */
  void unsupported(String path, String problem) {
    if (lenient) {
      ignored.add(path);
    } else {
      refuse(path, problem);
    }
  }

  /** Keeps {@code material} beside the resource; gives the name that refers to it. */
  String inline(Material material) {
    String content =
        switch (material) {
          case Material.TrustBundle(var pem) -> pem;
          case Material.Certificate(var chain, var key) -> chain + key;
        };
    SecretConfig secret =
        new SecretConfig(SecretConfig.INLINE + EncodedResource.hash(content), material);
    if (!inlineSecrets.contains(secret)) {
      inlineSecrets.add(secret);
    }
    return secret.name();
  }

  /** What a data source holds; refuses it where it holds nothing that can be read. */
  String text(String path, DataSource source) {
    return switch (source.getSpecifierCase()) {
      case INLINE_STRING -> source.getInlineString();
      case INLINE_BYTES -> source.getInlineBytes().toStringUtf8();
      case FILENAME -> {
        try {
          yield files.read(source.getFilename());
        } catch (IOException unreadable) {
          refuse(path + ".filename", String.valueOf(unreadable.getMessage()));
          yield "";
        }
      }
      case ENVIRONMENT_VARIABLE, SPECIFIER_NOT_SET -> {
        refuse(
            path,
            source.getSpecifierCase() + " (expected: filename, inline_string or inline_bytes)");
        yield "";
      }
    };
  }

  /** Read for a proxy that runs alone, which may name files and be given keys. */
  boolean standsAlone() {
    return files != DataFiles.NONE;
  }

  /**
   * Notes where the resources of {@code type} come from; refuses what a proxy alone has not. In a
   * mesh they come from the one stream, whatever is written.
   */
  void source(String path, ResourceType type, ConfigSource source) {
    if (!standsAlone()) {
      return;
    }
    switch (source.getConfigSourceSpecifierCase()) {
      case PATH_CONFIG_SOURCE ->
          watched.add(new WatchedFile(type, source.getPathConfigSource().getPath()));
      case PATH -> watched.add(new WatchedFile(type, source.getPath()));
      case ADS, API_CONFIG_SOURCE -> streamed.add(new Streamed(path, type, source));
      case SELF, CONFIGSOURCESPECIFIER_NOT_SET ->
          refuse(
              path,
              source.getConfigSourceSpecifierCase()
                  + " (expected: ads, api_config_source or path_config_source)");
    }
  }

  /** Resources of {@code type} come from a server. */
  record Streamed(String path, ResourceType type, ConfigSource source) {}

  /** What comes from servers, as it was met. */
  List<Streamed> streamed() {
    return streamed;
  }

  /** The files that the resource takes others from. */
  Set<WatchedFile> watched() {
    return watched;
  }

  /** {@code path} and problem of all that was refused. */
  List<String> reasons() {
    return reasons;
  }

  List<String> ignored() {
    return ignored;
  }

  List<SecretConfig> inlineSecrets() {
    return inlineSecrets;
  }

  void ignore(String path) {
    ignored.add(path);
  }

  /** The message inside {@code any}, if it is one and can be parsed; refuses it otherwise. */
  <M extends Message> Optional<M> unpack(String path, Any any, Descriptor type, Parser<M> parser) {
    if (!holds(any, type)) {
      refuse(path, any.getTypeUrl() + " (expected: " + type.getName() + ")");
      return Optional.empty();
    }
    try {
      return Optional.of(parser.parseFrom(any.getValue()));
    } catch (InvalidProtocolBufferException e) {
      refuse(path, "not a " + type.getName() + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * Whether {@code any} says that it holds a message of {@code type}. {@link Any#is}, like all that
   * asks a message object for its descriptor, makes protobuf reflect on the message's class, and
   * keeps what it finds: megabytes in every sidecar.
   */
  static boolean holds(Any any, Descriptor type) {
    String url = any.getTypeUrl();
    return url.substring(url.lastIndexOf('/') + 1).equals(type.getFullName());
  }

  /** Zero or longer; what a long of nanoseconds cannot hold is cut to what it can. */
  Duration duration(String path, com.google.protobuf.Duration duration) {
    long seconds = duration.getSeconds();
    int nanos = duration.getNanos();
    if (seconds < 0 || nanos < 0 || seconds > MAX_DURATION_SECONDS || nanos > 999_999_999) {
      refuse(path, seconds + "s " + nanos + "ns (expected: 0 or longer)");
      return Duration.ZERO;
    }
    Duration read = Duration.ofSeconds(seconds, nanos);
    return read.compareTo(LONGEST) > 0 ? LONGEST : read;
  }

  /** As a Java int; larger values, which all mean "no limit", become {@link Integer#MAX_VALUE}. */
  static int unsigned(int uint32) {
    return uint32 < 0 ? Integer.MAX_VALUE : uint32;
  }

  static int unsigned(UInt32Value value) {
    return unsigned(value.getValue());
  }

  /** From {@code least} to {@code most}; refused where it is not, {@code least} in its place. */
  int between(String path, UInt32Value value, int least, int most) {
    int read = unsigned(value);
    if (read < least || read > most) {
      refuse(
          path,
          Integer.toUnsignedString(value.getValue())
              + " (expected: "
              + least
              + " to "
              + most
              + ")");
      return least;
    }
    return read;
  }

  /** What may stand in a header field; refused where it may not. */
  String headerValue(String path, String value) {
    boolean valid = value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c < 127));
    if (!valid) {
      refuse(path, "holds what no header may (expected: printable ASCII)");
    }
    return valid ? value : "";
  }

  /** The outcome where not even a name could be read. */
  Decoded refused() {
    return new Decoded.Rejected("", reasons);
  }

  /** The outcome: {@code resource} unless something was refused. */
  Decoded outcome(XdsResource resource) {
    return reasons.isEmpty()
        ? new Decoded.Accepted(resource, ignored, inlineSecrets)
        : new Decoded.Rejected(resource.name(), reasons);
  }
}
