package dev.meshctl.dataplane.observe.log;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The buffers of one event loop, one a target.
 *
 * <p>Thread: confined to the loop.
 */
public final class LoopLogs {
  private final RandomGenerator dice;
  private final List<LogBuffer> buffers = new ArrayList<>();

  public LoopLogs(RandomGenerator dice) {
    this.dice = dice;
  }

  /** Tells {@code entry}, which has ended, to each of {@code logs} whose filter it passes. */
  public void log(CompiledLogs logs, LogEntry entry) {
    List<CompiledLogs.Log> all = logs.logs();
    for (int i = 0; i < all.size(); i++) {
      CompiledLogs.Log log = all.get(i);
      if (log.filter().passes(entry, dice)) {
        buffer(log.target()).log(entry, log.format());
      }
    }
  }

  private LogBuffer buffer(AccessLog target) {
    for (int i = 0; i < buffers.size(); i++) {
      LogBuffer known = buffers.get(i);
      if (known.target() == target) {
        return known;
      }
    }
    LogBuffer fresh = target.buffer();
    buffers.add(fresh);
    return fresh;
  }

  /** Hands on what there is; lets go of targets that are closed. */
  public void flush() {
    for (int i = buffers.size() - 1; i >= 0; i--) {
      LogBuffer buffer = buffers.get(i);
      buffer.flush();
      if (buffer.target().isClosed()) {
        buffers.remove(i);
      }
    }
  }
}
