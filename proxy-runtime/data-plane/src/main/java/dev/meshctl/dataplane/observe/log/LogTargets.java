package dev.meshctl.dataplane.observe.log;

import dev.meshctl.model.xds.AccessLog.Format;
import dev.meshctl.model.xds.AccessLog.Sink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The logs that are open, each file once, whoever names it.
 *
 * <p>Thread: any but an event loop.
 */
public final class LogTargets implements AutoCloseable {
  private final Map<String, AccessLog> open = new LinkedHashMap<>();
  private final Set<String> named = new HashSet<>();
  private final Optional<CompiledLogs.Log> own;
  private final CompiledLogs ofProcess;
  private final String ownTarget;
  private long droppedBefore;

  /**
   * @param own the log of the process, in Istio's format, for listeners that name none and for what
   *     would go to standard output in no format of its own: a file, {@code -} for standard output,
   *     empty for none
   * @throws IOException where it cannot be opened
   */
  public LogTargets(String own) throws IOException {
    this.ownTarget = own;
    this.own =
        own.isEmpty()
            ? Optional.empty()
            : Optional.of(
                new CompiledLogs.Log(target(own), LogFormat.text(LogFormat.ISTIO), LogFilter.ALL));
    this.ofProcess = new CompiledLogs(this.own.stream().toList());
  }

  /** A new configuration is compiled from here on: it has named nothing yet. */
  public synchronized void begin() {
    named.clear();
  }

  /**
   * Compiles the logs that a filter names; the process's own where it names none.
   *
   * @throws IOException where a file cannot be opened; the message names it
   * @throws IllegalArgumentException where a format or filter is wrong; the message says what
   */
  public CompiledLogs compile(List<dev.meshctl.model.xds.AccessLog> logs) throws IOException {
    return logs.isEmpty() ? ofProcess : compileOnly(logs);
  }

  /** {@link #compile} without the process's own. */
  public synchronized CompiledLogs compileOnly(List<dev.meshctl.model.xds.AccessLog> logs)
      throws IOException {
    if (logs.isEmpty()) {
      return CompiledLogs.NONE;
    }
    List<CompiledLogs.Log> compiled = new ArrayList<>();
    for (dev.meshctl.model.xds.AccessLog log : logs) {
      LogFilter filter = log.filter().map(LogFilter::compile).orElse(LogFilter.ALL);
      if (own.isPresent()
          && log.sink() instanceof Sink.Stdout
          && log.format() instanceof Format.Default) {
        compiled.add(new CompiledLogs.Log(own.get().target(), own.get().format(), filter));
      } else {
        LogFormat format = LogFormat.of(log.format());
        compiled.add(new CompiledLogs.Log(target(path(log.sink())), format, filter));
      }
    }
    return new CompiledLogs(compiled);
  }

  private static String path(Sink sink) {
    return switch (sink) {
      case Sink.File(var path) -> path;
      case Sink.Stdout() -> AccessLog.STDOUT;
      case Sink.Stderr() -> AccessLog.STDERR;
    };
  }

  private synchronized AccessLog target(String path) throws IOException {
    named.add(path);
    AccessLog known = open.get(path);
    if (known != null) {
      return known;
    }
    AccessLog fresh;
    try {
      fresh = AccessLog.open(path);
    } catch (IOException e) {
      throw new IOException("access log: cannot open " + path + ": " + e.getMessage(), e);
    }
    open.put(path, fresh);
    return fresh;
  }

  /** Takes out those that nobody has named since {@link #begin}; the caller closes them. */
  public synchronized List<AccessLog> unnamed() {
    List<AccessLog> gone = new ArrayList<>();
    open.entrySet()
        .removeIf(each -> {
          boolean unnamed = !named.contains(each.getKey()) && !each.getKey().equals(ownTarget);
          if (unnamed) {
            gone.add(each.getValue());
            droppedBefore += each.getValue().dropped();
          }
          return unnamed;
        });
    return gone;
  }

  /** Files are opened anew: somebody may have moved them away. */
  public synchronized void reopen() {
    open.values().forEach(AccessLog::reopen);
  }

  /** Lines lost, ever. */
  public synchronized long dropped() {
    return droppedBefore + open.values().stream().mapToLong(AccessLog::dropped).sum();
  }

  @Override
  public synchronized void close() {
    open.values().forEach(AccessLog::close);
    open.clear();
  }
}
