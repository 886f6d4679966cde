package dev.meshctl.controlplane.serve;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Counts the calls that come to an end by themselves once they were asked for: a certificate, a
 * report, a bundle on its way. A server that ends waits for these; streams for which the peer keeps
 * talking are ended otherwise.
 *
 * <p>Thread: any.
 */
public final class CallsUnderWay implements ServerInterceptor {
  private final Object lock = new Object();
  private int count;

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (!call.getMethodDescriptor().getType().clientSendsOneMessage()) {
      return next.startCall(call, headers);
    }
    AtomicBoolean ended = new AtomicBoolean();
    add(1);
    ServerCall.Listener<Q> listener;
    try {
      listener = next.startCall(call, headers);
    } catch (RuntimeException broken) {
      add(-1);
      throw broken;
    }
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onComplete() {
        end();
        super.onComplete();
      }

      @Override
      public void onCancel() {
        end();
        super.onCancel();
      }

      private void end() {
        if (ended.compareAndSet(false, true)) {
          add(-1);
        }
      }
    };
  }

  private void add(int more) {
    synchronized (lock) {
      count += more;
      lock.notifyAll();
    }
  }

  /** False where some are left when {@code patience} is over. */
  public boolean awaitNone(Duration patience) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    synchronized (lock) {
      while (count > 0) {
        long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
        if (left <= 0) {
          return false;
        }
        lock.wait(left);
      }
      return true;
    }
  }
}
