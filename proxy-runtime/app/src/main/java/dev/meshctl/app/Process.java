package dev.meshctl.app;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * What both mains do around their work: errors to a person, logs on one line, and an orderly end on
 * SIGTERM, on Ctrl-C, and when the lifeline is cut.
 */
final class Process {
  private static final int BAD_CONFIGURATION = 2;

  private Process() {}

  /** Arguments of a main. */
  interface Lifeline {
    /** End when standard input does, so that a dead parent leaves nothing behind. */
    boolean lifeline();
  }

  /** Reads the arguments of a main. */
  interface Parse<A extends Lifeline> {
    A parse(String name, List<String> words);
  }

  /** The work of a main. */
  interface Work<A extends Lifeline> {
    /** Starts; closing ends it in order. */
    AutoCloseable start(A arguments) throws Exception;
  }

  static void run(String name, String[] words, Work<Arguments> work) {
    run(name, words, Arguments::parse, work);
  }

  static <A extends Lifeline> void run(String name, String[] words, Parse<A> parse, Work<A> work) {
    // One line a record; JUL is what System.Logger and gRPC write to.
    System.setProperty(
        "java.util.logging.SimpleFormatter.format",
        "%1$tFT%1$tT.%1$tL %4$s " + name + " %3$s: %5$s%6$s%n");
    AutoCloseable running;
    A arguments;
    try {
      arguments = parse.parse(name, List.of(words));
      running = work.start(arguments);
    } catch (Exception failed) {
      System.err.println(name + ": " + reason(failed));
      System.exit(BAD_CONFIGURATION);
      return;
    }
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    running.close();
                  } catch (Exception broken) {
                    System.err.println(name + ": while ending: " + reason(broken));
                  } finally {
                    ended.countDown();
                  }
                },
                "shutdown"));
    if (arguments.lifeline()) {
      awaitEndOfInput();
      System.exit(0);
    }
    try {
      ended.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static String reason(Exception failed) {
    return failed.getMessage() == null ? failed.toString() : failed.getMessage();
  }

  private static void awaitEndOfInput() {
    byte[] ignored = new byte[64];
    try {
      while (System.in.read(ignored) >= 0) {
        // Whatever is said there means that the parent lives.
      }
    } catch (IOException cut) {
      // As good as its end.
    }
  }
}
