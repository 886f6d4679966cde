package dev.meshctl.dataplane.http;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * What all connections of one event loop share: heads to reuse, and the list of channels to flush
 * when the batch of reads ends.
 *
 * <p>Thread: confined to its loop.
 */
public final class LoopResources {
  private static final int KEPT_HEADS = 256;

  private final EventLoop loop;
  private final ByteBufAllocator allocator;
  private final ArrayDeque<RequestHead> requestHeads = new ArrayDeque<>();
  private final ArrayDeque<ResponseHead> responseHeads = new ArrayDeque<>();
  private List<Flushable> dirty = new ArrayList<>();
  private List<Flushable> flushing = new ArrayList<>();
  private boolean scheduled;
  private boolean reading;

  /** Something with output that waits for a flush. */
  public interface Flushable {
    /** Writes out what waits. */
    void flushNow();
  }

  public LoopResources(EventLoop loop, ByteBufAllocator allocator) {
    this.loop = loop;
    this.allocator = allocator;
  }

  public EventLoop loop() {
    return loop;
  }

  public ByteBufAllocator allocator() {
    return allocator;
  }

  /** A cleared head. */
  public RequestHead requestHead() {
    RequestHead head = requestHeads.pollLast();
    return head == null ? new RequestHead() : head;
  }

  public void release(RequestHead head) {
    if (requestHeads.size() < KEPT_HEADS) {
      head.clear();
      requestHeads.addLast(head);
    }
  }

  /** A cleared head. */
  public ResponseHead responseHead() {
    ResponseHead head = responseHeads.pollLast();
    return head == null ? new ResponseHead() : head;
  }

  public void release(ResponseHead head) {
    if (responseHeads.size() < KEPT_HEADS) {
      head.clear();
      responseHeads.addLast(head);
    }
  }

  /** A batch of reads begins: flushes wait for its end. */
  public void readBegins() {
    reading = true;
  }

  /** A batch of reads ended: everything dirty is flushed. */
  public void readEnds() {
    reading = false;
    flushAll();
  }

  /** Enlists {@code flushable} once; it must not enlist again before it is flushed. */
  public void flushLater(Flushable flushable) {
    assert loop.inEventLoop();
    dirty.add(flushable);
    if (!reading && !scheduled) {
      scheduled = true;
      loop.execute(this::scheduledFlush);
    }
  }

  private void scheduledFlush() {
    scheduled = false;
    flushAll();
  }

  private void flushAll() {
    while (!dirty.isEmpty()) {
      List<Flushable> batch = dirty;
      dirty = flushing;
      flushing = batch;
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).flushNow();
      }
      batch.clear();
    }
  }
}
