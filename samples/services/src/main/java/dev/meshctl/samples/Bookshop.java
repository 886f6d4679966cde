package dev.meshctl.samples;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * {@code bookshop SERVICE}: one service until SIGTERM. {@code bookshop visit}: asks {@code TARGETS}
 * once each. {@code bookshop --train}: all, briefly. In an image, the kernel puts the path of the
 * script that names this program before them.
 */
public final class Bookshop {
  private static final System.Logger LOG = System.getLogger(Bookshop.class.getName());
  private static final String USAGE =
      "usage: bookshop storefront|catalog|reviews|ratings|stock|customers (or visit, --train)";

  private Bookshop() {}

  /** Exit codes: 2 for a wrong argument or setting, 1 for an address that cannot be had. */
  public static void main(String[] args) throws InterruptedException {
    boolean script = args.length > 0 && args[0].startsWith("/");
    if (args.length != (script ? 2 : 1)) {
      LOG.log(System.Logger.Level.ERROR, USAGE);
      System.exit(2);
    }
    String name = args[args.length - 1];
    try {
      if (name.equals("--train")) {
        Training.run();
        return;
      }
      if (name.equals("visit")) {
        System.exit(Customers.visit(Settings.of(name, 0, System.getenv()), System.out) ? 0 : 1);
      }
      serve(name);
    } catch (IllegalArgumentException e) {
      LOG.log(System.Logger.Level.ERROR, e.getMessage());
      System.exit(2);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.ERROR, name + ": " + e.getMessage());
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
      case "customers" ->
          Customers.start(Settings.of(name, Customers.PORT, environment), System.out);
      case "stock" -> Stock.start(Settings.of(name, Stock.PORT, environment));
      default -> throw new IllegalArgumentException("no service " + name + "; " + USAGE);
    };
  }
}
