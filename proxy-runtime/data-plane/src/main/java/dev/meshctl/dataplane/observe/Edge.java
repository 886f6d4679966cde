package dev.meshctl.dataplane.observe;

import dev.meshctl.model.telemetry.LatencyHistogram;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The counts of one edge on one event loop. Held by whoever resolved route, cluster and endpoint,
 * so that counting a request neither hashes nor allocates once each kind of answer has been seen.
 *
 * <p>Thread: one event loop.
 */
public final class Edge {
  /** Kinds of answers told apart; more count as the last kind seen of that status class. */
  private static final int MOST_CELLS = 64;

  private final EdgeLabels labels;
  private final EdgeMeter meter;
  private final BooleanSupplier inLoop;
  private boolean retired;
  private int idleDrains;
  private Cell[] cells = new Cell[0];
  private long opened;
  private long closed;
  private long received;
  private long sent;

  Edge(EdgeLabels labels, EdgeMeter meter, BooleanSupplier inLoop) {
    this.labels = labels;
    this.meter = meter;
    this.inLoop = inLoop;
  }

  private static final class Cell {
    private final int status;
    private final int grpcStatus;
    private final long flags;
    private final LatencyHistogram latency = new LatencyHistogram();
    private SizeHistogram requestSizes = new SizeHistogram();
    private SizeHistogram responseSizes = new SizeHistogram();
    private long count;

    private Cell(int status, int grpcStatus, long flags) {
      this.status = status;
      this.grpcStatus = grpcStatus;
      this.flags = flags;
    }

    private boolean is(int status, int grpcStatus, long flags) {
      return this.status == status && this.grpcStatus == grpcStatus && this.flags == flags;
    }
  }

  public EdgeLabels labels() {
    return labels;
  }

  /**
   * Counts one HTTP exchange at its end.
   *
   * @param status sent to the client, 0 for none
   * @param grpcStatus -1 where not gRPC
   * @param flags bits of {@link ResponseFlag}
   * @param requestBytes of the body
   * @param responseBytes of the body
   */
  public void exchange(
      int status,
      int grpcStatus,
      long flags,
      long durationMicros,
      long requestBytes,
      long responseBytes) {
    touch();
    Cell cell = cell(status, grpcStatus, flags);
    cell.count++;
    cell.latency.record(durationMicros);
    cell.requestSizes.record(requestBytes);
    cell.responseSizes.record(responseBytes);
  }

  /** Counts a TCP connection whose upstream is connected. */
  public void opened(long connectMicros) {
    touch();
    opened++;
    Cell cell = cell(0, -1, 0);
    cell.count++;
    cell.latency.record(connectMicros);
  }

  /** Counts a TCP connection that found no upstream. */
  public void refused(long flags, long connectMicros) {
    touch();
    opened++;
    closed++;
    Cell cell = cell(0, -1, flags);
    cell.count++;
    cell.latency.record(connectMicros);
  }

  /**
   * Bytes that have passed on a TCP connection since they were last counted.
   *
   * @param received from the client
   * @param sent to the client
   */
  public void bytes(long received, long sent) {
    touch();
    this.received += received;
    this.sent += sent;
  }

  /** Counts the end of a connection that was {@link #opened}. */
  public void closed() {
    touch();
    closed++;
  }

  /** An edge that its holder uses again after a long silence counts as before. */
  private void touch() {
    assert inLoop.getAsBoolean();
    if (retired) {
      retired = false;
      meter.revive(this);
    }
  }

  /** Drains in a row that found nothing. */
  int idleDrains() {
    return idleDrains;
  }

  /** No longer drained, until it is used. */
  void retire() {
    retired = true;
    idleDrains = 0;
    cells = new Cell[0];
  }

  private Cell cell(int status, int grpcStatus, long flags) {
    for (Cell cell : cells) {
      if (cell.is(status, grpcStatus, flags)) {
        return cell;
      }
    }
    return newCell(status, grpcStatus, flags);
  }

  private Cell newCell(int status, int grpcStatus, long flags) {
    if (cells.length >= MOST_CELLS) {
      return likest(status);
    }
    Cell cell = new Cell(status, grpcStatus, flags);
    Cell[] more = new Cell[cells.length + 1];
    System.arraycopy(cells, 0, more, 0, cells.length);
    more[cells.length] = cell;
    cells = more;
    return cell;
  }

  private Cell likest(int status) {
    for (int i = cells.length - 1; i > 0; i--) {
      if (cells[i].status / 100 == status / 100) {
        return cells[i];
      }
    }
    return cells[0];
  }

  /** What was counted since the last call; empty where nothing was. */
  List<EdgeDelta> drain() {
    List<EdgeDelta.Cell> drained = new ArrayList<>();
    for (Cell cell : cells) {
      if (cell.count > 0) {
        drained.add(
            new EdgeDelta.Cell(
                new EdgeDelta.Answer(cell.status, cell.grpcStatus, cell.flags),
                cell.count,
                cell.latency.drain(),
                cell.requestSizes,
                cell.responseSizes));
        cell.count = 0;
        cell.requestSizes = new SizeHistogram();
        cell.responseSizes = new SizeHistogram();
      }
    }
    if (drained.isEmpty() && opened == 0 && closed == 0 && received == 0 && sent == 0) {
      idleDrains++;
      return List.of();
    }
    idleDrains = 0;
    EdgeDelta delta = new EdgeDelta(labels, drained, opened, closed, received, sent);
    opened = 0;
    closed = 0;
    received = 0;
    sent = 0;
    return List.of(delta);
  }
}
