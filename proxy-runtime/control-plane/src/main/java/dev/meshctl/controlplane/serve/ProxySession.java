package dev.meshctl.controlplane.serve;

import com.google.protobuf.Message;
import dev.meshctl.controlplane.serve.encoded.EncodedSnapshot;
import dev.meshctl.controlplane.serve.protocol.StreamState;
import dev.meshctl.controlplane.serve.protocol.StreamStatus;
import dev.meshctl.identity.SpiffeId;
import dev.meshctl.model.query.ResourceStatus;
import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A proxy's open stream: its state and the way to it, together under one lock, so that responses go
 * out in the order in which the state decided them.
 *
 * <p>Thread: any. Writing does not block: gRPC queues, and the state allows one unanswered response
 * a type.
 */
final class ProxySession<Q, A extends Message> {
  private final ReentrantLock lock = new ReentrantLock();
  private final ProxyNode node;
  private final SpiffeId identity;
  private final ServerCallStreamObserver<A> out;
  private final StreamState<Q, A> state;
  private final PushBudget budget;

  /** What it has not answered yet, the first first. */
  private final Deque<PushBudget.Share> unanswered = new ConcurrentLinkedDeque<>();

  private long generation;
  private boolean sentAway;

  ProxySession(
      ProxyNode node,
      SpiffeId identity,
      ServerCallStreamObserver<A> out,
      StreamState<Q, A> state,
      PushBudget budget) {
    this.node = node;
    this.identity = identity;
    this.out = out;
    this.state = state;
    this.budget = budget;
  }

  ProxyNode node() {
    return node;
  }

  SpiffeId identity() {
    return identity;
  }

  /**
   * @param answers one of our responses, well or ill
   */
  void request(Q request, ResourceType type, boolean answers) {
    PushBudget.Share answered = answers ? unanswered.poll() : null;
    if (answered != null) {
      budget.give(answered);
    }
    lock.lock();
    try {
      send(state.request(request, type));
    } finally {
      lock.unlock();
    }
  }

  void push(EncodedSnapshot fresh) {
    lock.lock();
    try {
      // An opening stream and the push thread may race: the newer wins.
      if (fresh.generation() >= generation) {
        generation = fresh.generation();
        send(state.snapshot(fresh));
      }
    } finally {
      lock.unlock();
    }
  }

  /** What it holds for a time only is lent to it anew, if it is time. */
  void renew() {
    lock.lock();
    try {
      send(state.renew());
    } finally {
      lock.unlock();
    }
  }

  StreamStatus status() {
    lock.lock();
    try {
      return state.status();
    } finally {
      lock.unlock();
    }
  }

  List<EncodedResource> held(ResourceType type) {
    lock.lock();
    try {
      return state.held(type);
    } finally {
      lock.unlock();
    }
  }

  List<ResourceStatus> resources() {
    lock.lock();
    try {
      return state.resources();
    } finally {
      lock.unlock();
    }
  }

  private void send(List<A> responses) {
    for (A response : responses) {
      if (!sentAway && !out.isCancelled()) {
        unanswered.add(budget.take(response.getSerializedSize()));
        out.onNext(response);
      }
    }
  }

  /** Ends the stream: the proxy keeps what it has, and asks again, or another. */
  void sendAway(Status why) {
    lock.lock();
    try {
      if (!sentAway && !out.isCancelled()) {
        out.onError(why.asRuntimeException());
      }
      sentAway = true;
    } finally {
      lock.unlock();
    }
  }

  /** It has gone: what it owes is nobody's any more. */
  void ended() {
    for (PushBudget.Share left = unanswered.poll(); left != null; left = unanswered.poll()) {
      budget.give(left);
    }
  }
}
