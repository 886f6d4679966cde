package dev.meshctl.cli.context;

import dev.meshctl.app.config.ConfigFiles;
import dev.meshctl.app.config.ProxyBootstrap;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What the proxies of a local mesh were started with: who they are, and where they log. */
public final class RunningProxies {
  private RunningProxies() {}

  /**
   * By their ids.
   *
   * @param folder of a running mesh
   */
  public static List<ProxyBootstrap> of(Path folder) throws IOException {
    List<ProxyBootstrap> all = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(folder.resolve("proxies"), "*.json")) {
      for (Path file : files) {
        all.add(ConfigFiles.readProxy(file));
      }
    }
    all.sort(Comparator.comparing(bootstrap -> bootstrap.node().id()));
    return all;
  }
}
