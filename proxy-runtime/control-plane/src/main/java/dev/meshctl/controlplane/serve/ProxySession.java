package dev.meshctl.controlplane.serve;

import dev.meshctl.identity.SpiffeId;
import dev.meshctl.model.wire.EncodedResource;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A proxy's open stream: its state and the way to it, together under one lock, so that responses go
 * out in the order in which the state decided them.
 *
 * <p>Thread: any. Writing does not block: gRPC queues, and the state allows one unanswered response
 * a type.
 */
final class ProxySession<Q, A> {
  private final ReentrantLock lock = new ReentrantLock();
  private final ProxyNode node;
  private final SpiffeId identity;
  private final ServerCallStreamObserver<A> out;
  private final StreamState<Q, A> state;
  private long generation;

  ProxySession(
      ProxyNode node, SpiffeId identity, ServerCallStreamObserver<A> out, StreamState<Q, A> state) {
    this.node = node;
    this.identity = identity;
    this.out = out;
    this.state = state;
  }

  ProxyNode node() {
    return node;
  }

  SpiffeId identity() {
    return identity;
  }

  void request(Q request, ResourceType type) {
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

  private void send(List<A> responses) {
    for (A response : responses) {
      if (!out.isCancelled()) {
        out.onNext(response);
      }
    }
  }
}
