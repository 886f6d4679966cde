package dev.meshctl.integration.supervisor;

import dev.meshctl.app.ProxyMain;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** The main class of bundles that should never have been shipped. */
public final class FaultyRuntime {
  private FaultyRuntime() {}

  /**
   * @param words of a proxy; the fault is a system property
   */
  public static void main(String[] words) throws InterruptedException {
    switch (System.getProperty("fault", "")) {
      case "crash" -> throw new IllegalStateException("a fault of this version");
      case "hang" -> new CountDownLatch(1).await();
      case "leak" -> {
        List<byte[]> kept = new ArrayList<>();
        Thread.ofPlatform()
            .daemon(true)
            .start(() -> {
              while (true) {
                kept.add(new byte[1 << 20]);
              }
            });
        ProxyMain.main(words);
      }
      default -> ProxyMain.main(words);
    }
  }
}
