package dev.meshctl.model.query;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Graphs as they come, one a second. {@link #hasNext} blocks until the next one, the end of the
 * stream, or {@link #close}.
 *
 * <p>Thread: one iterates, any may close.
 */
public final class GraphWatch implements Iterator<GraphView>, AutoCloseable {
  private final String url;
  private final BufferedReader lines;
  private final InputStream body;
  private volatile boolean closed;
  private @Nullable GraphView next;

  GraphWatch(String url, BufferedReader lines, InputStream body) {
    this.url = url;
    this.lines = lines;
    this.body = body;
  }

  /**
   * @throws MeshQueryException where the stream broke, other than by {@link #close}
   */
  @Override
  public boolean hasNext() {
    if (next != null) {
      return true;
    }
    try {
      String line = lines.readLine();
      if (line == null || closed) {
        return false;
      }
      next = QueryJson.mapper().readValue(line, GraphView.class);
      return true;
    } catch (IOException broken) {
      if (closed) {
        return false;
      }
      throw new MeshQueryException.Unreachable(
          url, "the watch broke off: " + broken.getMessage(), broken);
    } catch (JacksonException malformed) {
      throw new MeshQueryException.Failed(
          url, "a line is not a graph: " + malformed.getOriginalMessage(), malformed);
    }
  }

  @Override
  public GraphView next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the watch of " + url + " has ended");
    }
    GraphView taken = next;
    next = null;
    if (taken == null) {
      throw new NoSuchElementException("the watch of " + url + " is iterated by two threads");
    }
    return taken;
  }

  @Override
  public void close() {
    closed = true;
    try {
      // Not the reader: its lock is held by the iterating thread while that blocks.
      body.close();
    } catch (IOException alreadyBroken) {
      // Closing is all that was wanted.
    }
  }
}
