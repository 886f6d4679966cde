package dev.meshctl.xdsclient;

import dev.meshctl.model.xds.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Where the lines meet: one protocol for all of them, and each of its asks goes to the line that
 * has the type.
 *
 * <p>Thread: any; one at a time, the sink's {@code accept} included.
 */
final class Exchange {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition told = lock.newCondition();
  private final ConfigProtocol protocol;
  private final List<Line> lines = new ArrayList<>();

  Exchange(ConfigProtocol protocol) {
    this.protocol = protocol;
  }

  /** Before any line serves. */
  void add(Line line) {
    lines.add(line);
  }

  List<Line> lines() {
    return lines;
  }

  /** Waits until there is something to ask on {@code line}: a stream for nothing is not begun. */
  void awaitWanted(Line line) throws InterruptedException {
    lock.lock();
    try {
      while (!protocol.wants(line.types())) {
        told.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** A line has a new stream, begun by {@code begin}. */
  void open(Line line, Runnable begin) {
    tell(() -> {
      begin.run();
      return protocol.open(line.types());
    });
  }

  void update(Update update) {
    tell(() -> protocol.update(update));
  }

  /** What has run out is gone. */
  void expire() {
    tell(protocol::expire);
  }

  /** Waits until something is held for a time only; then until when, 0 or less where it is over. */
  long awaitExpiryNanos() throws InterruptedException {
    lock.lock();
    try {
      OptionalLong until = protocol.untilExpiryNanos();
      while (until.isEmpty()) {
        told.await();
        until = protocol.untilExpiryNanos();
      }
      return until.getAsLong();
    } finally {
      lock.unlock();
    }
  }

  /** What was waited for does not come. */
  void giveUpWaiting() {
    tell(protocol::giveUpWaiting);
  }

  boolean warming() {
    lock.lock();
    try {
      return protocol.warming();
    } finally {
      lock.unlock();
    }
  }

  Optional<String> version(ResourceType type, String name) {
    lock.lock();
    try {
      return protocol.version(type, name);
    } finally {
      lock.unlock();
    }
  }

  <T> T alone(Supplier<T> work) {
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  private void tell(Supplier<List<Ask>> event) {
    lock.lock();
    try {
      List<Ask> asks = event.get();
      for (Line line : lines) {
        List<Ask> own = asks.stream().filter(ask -> line.types().contains(ask.type())).toList();
        if (!own.isEmpty()) {
          line.say(own);
        }
      }
      told.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
