package dev.meshctl.app.config;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.ProxyNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON of this room's records and of the inventory: what a launcher writes, a main reads.
 * Unknown fields are ignored, so that a newer launcher can start an older runtime.
 *
 * <p>Thread: any; blocking.
 */
public final class ConfigFiles {
  private ConfigFiles() {}

  /**
   * @throws IOException where the file cannot be read or is not such a record; the message names it
   */
  public static ControlPlaneConfig readControlPlane(Path file) throws IOException {
    return read(file, ControlPlaneConfig.class);
  }

  /**
   * @throws IOException where the file cannot be read or is not such a record; the message names it
   */
  public static ProxyBootstrap readProxy(Path file) throws IOException {
    return read(file, ProxyBootstrap.class);
  }

  /**
   * @throws IOException where the file cannot be read or is not such a record; the message names it
   */
  public static MeshInventory readInventory(Path file) throws IOException {
    return read(file, MeshInventory.class);
  }

  public static String json(ControlPlaneConfig config) {
    return Holder.MAPPER.writeValueAsString(config);
  }

  public static String json(ProxyBootstrap bootstrap) {
    return Holder.MAPPER.writeValueAsString(bootstrap);
  }

  public static String json(MeshInventory inventory) {
    return Holder.MAPPER.writeValueAsString(inventory);
  }

  private static <T> T read(Path file, Class<T> type) throws IOException {
    String text = Files.readString(file);
    try {
      return Holder.MAPPER.readValue(text, type);
    } catch (JacksonException malformed) {
      throw new IOException(
          file + " does not read as " + type.getSimpleName() + ": " + malformed.getMessage(),
          malformed);
    }
  }

  /** Names the shapes of {@link ProxyNode.Capture}; the model itself knows no JSON. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "mode")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = ProxyNode.Capture.Transparent.class, name = "transparent"),
    @JsonSubTypes.Type(value = ProxyNode.Capture.Explicit.class, name = "explicit"),
    @JsonSubTypes.Type(value = ProxyNode.Capture.Edge.class, name = "edge")
  })
  private interface CaptureShape {}

  private static final class Holder {
    static final JsonMapper MAPPER =
        JsonMapper.builder().addMixIn(ProxyNode.Capture.class, CaptureShape.class).build();
  }
}
