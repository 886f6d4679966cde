package dev.meshctl.app;

import dev.meshctl.app.config.BootstrapReader;

/** {@code ProxyMain --config FILE [--lifeline]}: a sidecar or gateway as a process. */
public final class ProxyMain {
  private ProxyMain() {}

  public static void main(String[] words) {
    Process.run("proxy", words, arguments -> Proxy.start(BootstrapReader.read(arguments.config())));
  }
}
