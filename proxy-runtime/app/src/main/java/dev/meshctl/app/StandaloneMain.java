package dev.meshctl.app;

/**
 * {@code StandaloneMain -c FILE [--lenient] [--concurrency N] [--lifeline]}: our proxy alone, from
 * an Envoy v3 bootstrap.
 */
public final class StandaloneMain {
  private StandaloneMain() {}

  public static void main(String[] words) {
    Process.run(
        "proxy",
        words,
        StandaloneArguments::parse,
        arguments -> StandaloneProxy.start(arguments, System.err));
  }
}
