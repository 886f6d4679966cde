package dev.meshctl.dataplane.dns;

import dev.meshctl.dataplane.observe.LoopCounters;
import dev.meshctl.dataplane.observe.LoopCounters.Counter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Decides on one query: answers what the mesh knows, forwards the rest.
 *
 * <p>Thread: one event loop.
 */
final class Responder {
  /** Short, so that a change of the mesh is seen soon. */
  static final int TTL_SECONDS = 5;

  private static final int MOST_TCP_BYTES = 65535;

  private final Supplier<MeshNames> names;
  private final Forwarder forwarder;
  private final RandomGenerator dice;
  private final LoopCounters counters;

  Responder(
      Supplier<MeshNames> names, Forwarder forwarder, RandomGenerator dice, LoopCounters counters) {
    this.names = names;
    this.forwarder = forwarder;
    this.dice = dice;
    this.counters = counters;
  }

  /**
   * Answers {@code query} now or later, once; never where it is no query.
   *
   * @param query borrowed
   * @param reply takes the answer
   */
  void respond(ByteBufAllocator allocator, ByteBuf query, boolean tcp, Consumer<ByteBuf> reply) {
    if (!DnsMessage.isQuery(query)) {
      return;
    }
    counters.count(Counter.DNS_QUERIES);
    DnsMessage message;
    try {
      message = DnsMessage.parse(query);
    } catch (IllegalArgumentException malformed) {
      counters.count(Counter.DNS_FAILED);
      reply.accept(DnsMessage.malformed(allocator, query));
      return;
    }
    if (!message.isStandard()) {
      reply.accept(message.error(allocator, query, DnsMessage.NOT_IMPLEMENTED));
      return;
    }
    MeshNames.Addresses known =
        message.dnsClass() == DnsMessage.CLASS_IN ? names.get().find(message.name()) : null;
    if (known != null) {
      int most = tcp ? MOST_TCP_BYTES : message.datagramBytes();
      List<byte[]> records = records(known, message.type());
      int first = records.size() > 1 ? dice.nextInt(records.size()) : 0;
      reply.accept(message.answer(allocator, query, records, first, TTL_SECONDS, most));
      return;
    }
    counters.count(Counter.DNS_FORWARDED);
    forwarder.forward(message, query, tcp, reply);
  }

  /** A name we know has no other records than addresses: NODATA for the rest. */
  private static List<byte[]> records(MeshNames.Addresses known, int type) {
    return switch (type) {
      case DnsMessage.TYPE_A -> known.v4();
      case DnsMessage.TYPE_AAAA -> known.v6();
      case DnsMessage.TYPE_ANY -> known.v4().isEmpty() ? known.v6() : known.v4();
      default -> List.of();
    };
  }
}
