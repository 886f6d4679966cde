package dev.meshctl.app;

import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.model.wire.EnvoyBootstrap;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.StandaloneConfig;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.xdsclient.ConfigSink;
import dev.meshctl.xdsclient.ConfigSink.Rejection;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Our proxy without a mesh: what it does stands in an Envoy v3 bootstrap.
 *
 * <p>Thread: any.
 */
final class StandaloneProxy implements AutoCloseable {
  private static final Duration DRAIN_DEADLINE = Duration.ofSeconds(5);

  private final DataPlane dataPlane;

  private final WatchedResources resources;

  private final Optional<StandaloneStream> stream;

  private StandaloneProxy(
      DataPlane dataPlane, WatchedResources resources, Optional<StandaloneStream> stream) {
    this.dataPlane = dataPlane;
    this.resources = resources;
    this.stream = stream;
  }

  /**
   * Reads the bootstrap and puts its static resources in force.
   *
   * @param notes takes a line for each setting that is left aside
   * @throws IOException where the bootstrap cannot be read or holds what cannot be put in force;
   *     the message names each problem with its place
   */
  static StandaloneProxy start(StandaloneArguments arguments, PrintStream notes)
      throws IOException {
    StandaloneConfig config = read(arguments, notes);
    WatchedResources resources =
        new WatchedResources(
            config.statics(), config.watched(), StandaloneProxy::readFile, arguments.lenient());
    XdsSnapshot first = resources.load();
    DataPlane dataPlane =
        DataPlane.start(
            new DataPlane.Settings(
                config.node(),
                arguments.concurrency(),
                config.admin(),
                Optional.empty(),
                "",
                DRAIN_DEADLINE,
                config.overload(),
                config.home()),
            Optional.empty());
    List<Rejection> rejected = dataPlane.accept(first);
    if (!rejected.isEmpty()) {
      dataPlane.close();
      throw new IOException(
          rejected.stream()
              .map(each ->
                  "%s: %s %s: %s"
                      .formatted(
                          arguments.config(),
                          each.type().name().toLowerCase(java.util.Locale.ROOT),
                          each.name(),
                          each.reason()))
              .collect(Collectors.joining("\n")));
    }
    dataPlane.onQuit(() -> System.exit(0));
    JoinedSources sources = new JoinedSources(resources, dataPlane);
    resources.watch(sources::files);
    Optional<StandaloneStream> stream =
        config.streams().sources().isEmpty()
            ? Optional.empty()
            : Optional.of(
                StandaloneStream.start(
                    config, StandaloneProxy::readFile, arguments.lenient(), sources));
    dataPlane.origins((type, name) ->
        config.statics().of(type).containsKey(name)
            ? Optional.empty()
            : Optional.of(stream.flatMap(of -> of.version(type, name)).orElse("")));
    return new StandaloneProxy(dataPlane, resources, stream);
  }

  private static StandaloneConfig read(StandaloneArguments arguments, PrintStream notes)
      throws IOException {
    Path file = arguments.config();
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException missing) {
      throw new IOException(file + ": no such file", missing);
    }
    return switch (EnvoyBootstrap.read(
        file.toString(), text, StandaloneProxy::readFile, arguments.lenient())) {
      case EnvoyBootstrap.Outcome.Taken(var config, var leftAside) -> {
        leftAside.forEach(each -> notes.println("proxy: " + each));
        yield config;
      }
      case EnvoyBootstrap.Outcome.Refused(var problems) ->
          throw new IOException(
              String.join("\n", problems)
                  + "\nnothing was started; remove what is named, or add --lenient to leave out what"
                  + " is not supported");
    };
  }

  /** As Envoy does: relative to where the process runs. */
  private static String readFile(String name) throws IOException {
    try {
      return Files.readString(Path.of(name));
    } catch (NoSuchFileException missing) {
      throw new IOException(name + ": no such file", missing);
    }
  }

  DataPlane dataPlane() {
    return dataPlane;
  }

  @Override
  public void close() throws IOException {
    stream.ifPresent(StandaloneStream::close);
    resources.close();
    dataPlane.close();
  }

  /** What files and stream bring, joined; either may change. Thread: any, one at a time. */
  private static final class JoinedSources implements ConfigSink {
    private final WatchedResources resources;
    private final DataPlane dataPlane;
    private XdsSnapshot streamed = XdsSnapshot.EMPTY;

    JoinedSources(WatchedResources resources, DataPlane dataPlane) {
      this.resources = resources;
      this.dataPlane = dataPlane;
    }

    synchronized List<Rejection> files(XdsSnapshot ignored) {
      return dataPlane.accept(resources.with(streamed));
    }

    /** Of the stream. */
    @Override
    public synchronized List<Rejection> accept(XdsSnapshot snapshot) {
      streamed = snapshot;
      return dataPlane.accept(resources.with(streamed));
    }

    @Override
    public void unreadable(Rejection rejection, String version) {
      dataPlane.unreadable(rejection, version);
    }

    @Override
    public void mended(ResourceType type, String name) {
      dataPlane.mended(type, name);
    }
  }
}
