package dev.meshctl.dataplane.observe.log;

import dev.meshctl.dataplane.observe.log.AccessLog.Batch;
import org.jspecify.annotations.Nullable;

/**
 * The lines of one event loop on their way to the {@link AccessLog}. {@link #flush} is to be called
 * now and then (about once a second) and before the loop ends.
 *
 * <p>Thread: one event loop.
 */
public final class LogBuffer {
  /** A batch with less room than this is handed on before a line is begun. */
  private static final int USUAL_LINE = 1024;

  private final AccessLog log;
  private final LogSink sink = new LogSink(new byte[0]);
  private @Nullable Batch batch;

  LogBuffer(AccessLog log) {
    this.log = log;
  }

  /** Where its lines go. */
  AccessLog target() {
    return log;
  }

  /** Adds the line of {@code entry}, which is only read now. */
  public void log(LogEntry entry, LogFormat format) {
    Batch now = batch;
    if (now != null && now.bytes.length - now.length < USUAL_LINE) {
      flush();
      now = null;
    }
    if (now == null) {
      now = fresh();
    }
    if (!append(entry, format, now) && now.length > 0) {
      flush();
      now = fresh();
      boolean cut = !append(entry, format, now);
      if (cut) {
        endCutLine(now);
      }
    } else if (sink.full()) {
      endCutLine(now);
    }
  }

  private Batch fresh() {
    Batch taken = log.take();
    batch = taken;
    return taken;
  }

  /** False where the line does not fit; the batch is then as before. */
  private boolean append(LogEntry entry, LogFormat format, Batch to) {
    sink.aim(to.bytes, to.length);
    format.write(entry, sink);
    if (sink.full()) {
      return false;
    }
    to.length = sink.position();
    to.lines++;
    return true;
  }

  /** A line longer than a whole batch keeps its beginning. */
  private void endCutLine(Batch to) {
    int end = Math.min(sink.position(), to.bytes.length - 1);
    to.bytes[end] = '\n';
    to.length = end + 1;
    to.lines++;
  }

  /** Hands on what there is. */
  public void flush() {
    Batch now = batch;
    if (now != null && now.length > 0) {
      batch = null;
      log.hand(now);
    }
  }
}
