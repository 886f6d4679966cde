package dev.meshctl.samples;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** {@code bookshop SERVICE}: one service until SIGTERM. {@code bookshop --train}: all, briefly. */
public final class Bookshop {
  private static final System.Logger LOG = System.getLogger(Bookshop.class.getName());
  private static final String USAGE =
      "usage: bookshop storefront|catalog|reviews|ratings|stock (or --train)";

  private Bookshop() {}

  /** Exit codes: 2 for a wrong argument or setting, 1 for an address that cannot be had. */
  public static void main(String[] args) throws InterruptedException {
    if (args.length != 1) {
      LOG.log(System.Logger.Level.ERROR, USAGE);
      System.exit(2);
    }
    try {
      if (args[0].equals("--train")) {
        Training.run();
        return;
      }
      serve(args[0]);
    } catch (IllegalArgumentException e) {
      LOG.log(System.Logger.Level.ERROR, e.getMessage());
      System.exit(2);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.ERROR, args[0] + ": " + e.getMessage());
      System.exit(1);
    }
  }

  private static void serve(String name) throws IOException, InterruptedException {
    RunningService service = start(name, System.getenv());
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .unstarted(() -> {
                  service.close();
                  stopped.countDown();
                }));
    LOG.log(System.Logger.Level.INFO, name + " listens at port " + service.port());
    stopped.await();
  }

  /** Starts one service, listening when this returns. */
  static RunningService start(String name, Map<String, String> environment) throws IOException {
    return switch (name) {
      case "storefront" -> Storefront.start(Settings.of(name, Storefront.PORT, environment));
      case "catalog" -> Catalog.start(Settings.of(name, Catalog.PORT, environment));
      case "reviews" -> Reviews.start(Settings.of(name, Reviews.PORT, environment));
      case "ratings" -> Ratings.start(Settings.of(name, Ratings.PORT, environment));
      case "stock" -> Stock.start(Settings.of(name, Stock.PORT, environment));
      default -> throw new IllegalArgumentException("no service " + name + "; " + USAGE);
    };
  }
}
