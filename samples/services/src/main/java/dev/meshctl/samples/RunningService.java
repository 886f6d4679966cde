package dev.meshctl.samples;

/** A service that listens; closing it finishes what is under way, for two seconds at most. */
interface RunningService extends AutoCloseable {
  /** The port it is bound to. */
  int port();

  @Override
  void close();
}
