package dev.meshctl.dataplane.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsOptPseudoRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import java.util.List;
import java.util.Locale;

/**
 * A query as far as we read it (RFC 1035 section 4, EDNS of RFC 6891).
 *
 * @param flags the second 16 bits of the header
 * @param name in lower case, without the final dot
 * @param questionEnd index after the question, from the start of the message
 * @param edns the client speaks EDNS
 * @param datagramBytes the largest answer that the client takes in a datagram
 */
record DnsMessage(
    int id,
    int flags,
    String name,
    int type,
    int dnsClass,
    int questionEnd,
    boolean edns,
    int datagramBytes) {
  static final int HEADER = 12;
  static final int TYPE_A = 1;
  static final int TYPE_AAAA = 28;
  static final int TYPE_ANY = 255;
  static final int CLASS_IN = 1;

  static final int NO_ERROR = 0;
  static final int FORMAT_ERROR = 1;
  static final int SERVER_FAILURE = 2;
  static final int NOT_IMPLEMENTED = 4;

  private static final int RESPONSE = 0x8000;
  private static final int OPCODE = 0x7800;
  private static final int AUTHORITATIVE = 0x0400;
  private static final int TRUNCATED = 0x0200;
  private static final int RECURSION_DESIRED = 0x0100;
  private static final int RECURSION_AVAILABLE = 0x0080;

  private static final int CLASSIC_DATAGRAM = 512;

  /** What fits the usual path without fragments (DNS flag day 2020). */
  static final int OUR_DATAGRAM = 1232;

  private static final DefaultDnsRecordDecoder DECODER = new RecordDecoder();

  private static final class RecordDecoder extends DefaultDnsRecordDecoder {}

  /** Whether {@code message} (borrowed) is a query at all: else it deserves no answer. */
  static boolean isQuery(ByteBuf message) {
    return message.readableBytes() >= HEADER
        && (message.getUnsignedShort(message.readerIndex() + 2) & RESPONSE) == 0;
  }

  /**
   * Reads a query.
   *
   * @param message borrowed; its reader index stays
   * @throws IllegalArgumentException where it does not hold exactly one question
   */
  static DnsMessage parse(ByteBuf message) {
    ByteBuf in = message.slice();
    int id = in.readUnsignedShort();
    int flags = in.readUnsignedShort();
    int questions = in.readUnsignedShort();
    int others = in.readUnsignedShort() + in.readUnsignedShort();
    int additional = in.readUnsignedShort();
    if (questions != 1) {
      throw new IllegalArgumentException("questions: " + questions + " (expected: 1)");
    }
    try {
      String name = DefaultDnsRecordDecoder.decodeName(in).toLowerCase(Locale.ROOT);
      int type = in.readUnsignedShort();
      int dnsClass = in.readUnsignedShort();
      int end = in.readerIndex();
      int datagram = others == 0 ? ednsBytes(in, additional) : 0;
      return new DnsMessage(
          id,
          flags,
          name.endsWith(".") ? name.substring(0, name.length() - 1) : name,
          type,
          dnsClass,
          end,
          datagram > 0,
          Math.clamp(datagram, CLASSIC_DATAGRAM, OUR_DATAGRAM));
    } catch (IllegalArgumentException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalArgumentException("malformed query", e);
    }
  }

  /** The client's datagram size; 0 where it does not speak EDNS. */
  private static int ednsBytes(ByteBuf in, int records) throws Exception {
    for (int i = 0; i < records; i++) {
      DnsRecord record = DECODER.decodeRecord(in);
      if (record == null) {
        return 0;
      }
      boolean opt = record instanceof DnsOptPseudoRecord || record.type().equals(DnsRecordType.OPT);
      int size = record.dnsClass();
      io.netty.util.ReferenceCountUtil.release(record);
      if (opt) {
        return Math.max(1, size);
      }
    }
    return 0;
  }

  boolean isStandard() {
    return (flags & OPCODE) == 0;
  }

  /**
   * An answer with addresses; none makes NODATA.
   *
   * @param query borrowed, the message this was read from
   * @param mostBytes beyond this the answer is cut and marked so
   * @return the caller's to release
   */
  ByteBuf answer(
      ByteBufAllocator allocator,
      ByteBuf query,
      List<byte[]> addresses,
      int first,
      int ttlSeconds,
      int mostBytes) {
    int optBytes = edns ? 11 : 0;
    int fit = addresses.size();
    if (fit > 0) {
      int recordBytes = 12 + addresses.getFirst().length;
      fit = Math.min(fit, (mostBytes - questionEnd - optBytes) / recordBytes);
    }
    boolean cut = fit < addresses.size();
    ByteBuf out = header(allocator, query, NO_ERROR, AUTHORITATIVE | (cut ? TRUNCATED : 0), fit);
    for (int i = 0; i < fit; i++) {
      byte[] address = addresses.get((first + i) % addresses.size());
      // A pointer to the name in the question.
      out.writeShort(0xC000 | HEADER);
      out.writeShort(address.length == 4 ? TYPE_A : TYPE_AAAA);
      out.writeShort(CLASS_IN);
      out.writeInt(ttlSeconds);
      out.writeShort(address.length);
      out.writeBytes(address);
    }
    return withEdns(out);
  }

  /** An answer of {@code code} alone; the caller's to release. */
  ByteBuf error(ByteBufAllocator allocator, ByteBuf query, int code) {
    return withEdns(header(allocator, query, code, 0, 0));
  }

  /** The answer to what could not be read. */
  static ByteBuf malformed(ByteBufAllocator allocator, ByteBuf query) {
    ByteBuf out = allocator.buffer(HEADER);
    out.writeShort(query.getUnsignedShort(query.readerIndex()));
    out.writeShort(RESPONSE | FORMAT_ERROR);
    return out.writeZero(8);
  }

  private ByteBuf header(
      ByteBufAllocator allocator, ByteBuf query, int code, int more, int answers) {
    ByteBuf out = allocator.buffer(OUR_DATAGRAM);
    out.writeShort(id);
    out.writeShort(
        RESPONSE | RECURSION_AVAILABLE | (flags & (OPCODE | RECURSION_DESIRED)) | more | code);
    out.writeShort(1);
    out.writeShort(answers);
    out.writeShort(0);
    out.writeShort(edns ? 1 : 0);
    out.writeBytes(query, query.readerIndex() + HEADER, questionEnd - HEADER);
    return out;
  }

  private ByteBuf withEdns(ByteBuf out) {
    if (edns) {
      out.writeByte(0);
      out.writeShort(DnsRecordType.OPT.intValue());
      out.writeShort(OUR_DATAGRAM);
      out.writeInt(0);
      out.writeShort(0);
    }
    return out;
  }

  /** Whether {@code answer} (borrowed) answers the question of {@code query} (borrowed). */
  boolean isAnsweredBy(ByteBuf answer, ByteBuf query) {
    if (answer.readableBytes() < questionEnd
        || (answer.getUnsignedShort(answer.readerIndex() + 2) & RESPONSE) == 0) {
      return false;
    }
    for (int i = HEADER; i < questionEnd; i++) {
      byte asked = query.getByte(query.readerIndex() + i);
      byte echoed = answer.getByte(answer.readerIndex() + i);
      if (Character.toLowerCase((char) asked) != Character.toLowerCase((char) echoed)) {
        return false;
      }
    }
    return true;
  }
}
