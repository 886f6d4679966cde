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

  /** Standard output and error among targets. */
  public static final String STDOUT = "-";

  public static final String STDERR = "/dev/stderr";

  private static final Batch END = new Batch(new byte[0]);
  private static final System.Logger LOG = System.getLogger(AccessLog.class.getName());

  private final BlockingQueue<Batch> full = new ArrayBlockingQueue<>(MOST_BATCHES);
  private final BlockingQueue<Batch> empty = new ArrayBlockingQueue<>(MOST_BATCHES);
  private final AtomicLong dropped = new AtomicLong();
  private final Target target;
  private final Thread writer;
  private volatile boolean closed;
  private volatile boolean reopen;

  /** Lines under way from a loop to the writer and, empty, back. */
  static final class Batch {
    final byte[] bytes;
    int length;
    int lines;

    Batch(byte[] bytes) {
      this.bytes = bytes;
    }
  }

  /** What is written to; the writer's alone once it runs. */
  private static final class Target {
    private final @Nullable Path file;
    private final boolean closes;
    private OutputStream out;

    Target(@Nullable Path file, boolean closes, OutputStream out) {
      this.file = file;
      this.closes = closes;
      this.out = out;
    }

    void reopen() throws IOException {
      if (file != null) {
        OutputStream fresh = append(file);
        out.close();
        out = fresh;
      }
    }
  }

  private AccessLog(Target target) {
    this.target = target;
    this.writer = Thread.ofPlatform().daemon().name("access-log").unstarted(this::write);
  }

  /**
   * Starts writing.
   *
   * @param target a file to append to, {@code -} for standard output, {@value #STDERR} for the
   *     other
   * @throws IOException where the file cannot be opened
   */
  public static AccessLog open(String target) throws IOException {
    return switch (target) {
      case STDOUT ->
          start(new AccessLog(new Target(null, false, new FileOutputStream(FileDescriptor.out))));
      case STDERR ->
          start(new AccessLog(new Target(null, false, new FileOutputStream(FileDescriptor.err))));
      default -> {
        Path file = Path.of(target);
        yield start(new AccessLog(new Target(file, true, append(file))));
      }
    };
  }

  private static OutputStream append(Path file) throws IOException {
    return Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Writes to {@code out}, which is closed with the log. */
  static AccessLog to(OutputStream out) {
    return start(new AccessLog(new Target(null, true, out)));
  }

  private static AccessLog start(AccessLog log) {
    log.writer.start();
    return log;
  }

  /** A buffer for one event loop. */
  public LogBuffer buffer() {
    return new LogBuffer(this);
  }

  /** Lines lost because they could not be written in time, or at all. */
  public long dropped() {
    return dropped.get();
  }

  boolean isClosed() {
    return closed;
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

  /** Before the next line the file is opened anew: somebody may have moved it away. */
  public void reopen() {
    reopen = true;
  }

  private void write() {
    boolean told = false;
    try {
      for (Batch batch = full.take(); batch != END; batch = full.take()) {
        try {
          if (reopen) {
            reopen = false;
            target.reopen();
          }
          target.out.write(batch.bytes, 0, batch.length);
          recycle(batch);
        } catch (IOException e) {
          drop(batch);
          if (!told) {
            LOG.log(System.Logger.Level.WARNING, "access log: lines are lost: " + e.getMessage());
            told = true;
          }
        }
      }
      target.out.flush();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "access log: not closed well: " + e.getMessage());
    } finally {
      end();
    }
  }

  private void end() {
    if (target.closes) {
      try {
        target.out.close();
      } catch (IOException e) {
        LOG.log(System.Logger.Level.WARNING, "access log: not closed well: " + e.getMessage());
      }
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
