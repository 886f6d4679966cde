package dev.meshctl.samples;

/** Ties what a service uses to its life. */
final class With {
  private With() {}

  static RunningService alsoClose(RunningService service, Runnable after) {
    return new RunningService() {
      @Override
      public int port() {
        return service.port();
      }

      @Override
      public void close() {
        service.close();
        after.run();
      }
    };
  }
}
