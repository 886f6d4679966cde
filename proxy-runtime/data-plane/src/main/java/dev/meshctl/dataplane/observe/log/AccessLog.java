package dev.meshctl.dataplane.observe.log;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Writes batches of lines with one thread. Loops hand them over without waiting: when the disk
 * cannot keep up, batches are dropped and counted. {@link #close} writes what was handed over.
 *
 * <p>Thread: any.
 */
public final class AccessLog implements AutoCloseable {
  /** Bytes of a batch; a line that is longer is cut. */
  static final int BATCH_BYTES = 16 * 1024;

  private static final int MOST_BATCHES = 64;
  private static final Batch END = new Batch(new byte[0]);
  private static final System.Logger LOG = System.getLogger(AccessLog.class.getName());

  private final BlockingQueue<Batch> full = new ArrayBlockingQueue<>(MOST_BATCHES);
  private final BlockingQueue<Batch> empty = new ArrayBlockingQueue<>(MOST_BATCHES);
  private final AtomicLong dropped = new AtomicLong();
  private final LogFormat format;
  private final OutputStream out;
  private final @Nullable Path file;
  private final Thread writer;
  private volatile boolean closed;

  /** Lines under way from a loop to the writer and, empty, back. */
  static final class Batch {
    final byte[] bytes;
    int length;
    int lines;

    Batch(byte[] bytes) {
      this.bytes = bytes;
    }
  }

  private AccessLog(LogFormat format, OutputStream out, @Nullable Path file) {
    this.format = format;
    this.out = out;
    this.file = file;
    this.writer = Thread.ofPlatform().daemon().name("access-log").unstarted(this::write);
  }

  /**
   * Starts writing.
   *
   * @param target a file to append to, or {@code -} for standard output
   * @throws IOException where the file cannot be opened
   */
  public static AccessLog open(String target, LogFormat format) throws IOException {
    if (target.equals("-")) {
      return start(new AccessLog(format, new FileOutputStream(FileDescriptor.out), null));
    }
    Path file = Path.of(target);
    OutputStream out =
        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    return start(new AccessLog(format, out, file));
  }

  /** Writes to {@code out}, which is closed with the log. */
  static AccessLog to(OutputStream out, LogFormat format) {
    return start(new AccessLog(format, out, Path.of("")));
  }

  private static AccessLog start(AccessLog log) {
    log.writer.start();
    return log;
  }

  /** A buffer for one event loop. */
  public LogBuffer buffer() {
    return new LogBuffer(this, format);
  }

  /** Lines lost because they could not be written in time, or at all. */
  public long dropped() {
    return dropped.get();
  }

  /** An empty batch. */
  Batch take() {
    Batch used = empty.poll();
    return used != null ? used : new Batch(new byte[BATCH_BYTES]);
  }

  /** Takes {@code batch}; never waits. */
  void hand(Batch batch) {
    if (closed || !full.offer(batch)) {
      drop(batch);
    }
  }

  private void drop(Batch batch) {
    dropped.addAndGet(batch.lines);
    recycle(batch);
  }

  private void recycle(Batch batch) {
    batch.length = 0;
    batch.lines = 0;
    boolean unused = empty.offer(batch);
  }

  private void write() {
    boolean told = false;
    try (OutputStream closing = file == null ? OutputStream.nullOutputStream() : out) {
      for (Batch batch = full.take(); batch != END; batch = full.take()) {
        try {
          out.write(batch.bytes, 0, batch.length);
          recycle(batch);
        } catch (IOException e) {
          drop(batch);
          if (!told) {
            LOG.log(System.Logger.Level.WARNING, "access log: lines are lost: " + e.getMessage());
            told = true;
          }
        }
      }
      out.flush();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "access log: not closed well: " + e.getMessage());
    }
  }

  /** Writes what was handed over, at most 5 s long, and ends. */
  @Override
  public void close() {
    closed = true;
    try {
      full.put(END);
      writer.join(5000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    writer.interrupt();
  }
}
