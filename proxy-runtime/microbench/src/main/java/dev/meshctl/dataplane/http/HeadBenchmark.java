package dev.meshctl.dataplane.http;

import dev.meshctl.model.xds.HttpLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The HTTP/1 parser, and the table of fields that it fills. Thread: one. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HeadBenchmark {
  private static final String SMALL =
      """
      GET /api/v1/items?id=42 HTTP/1.1
      Host: shop.example.com
      User-Agent: bench/1.0
      Accept: */*

      """;

  private static final String BROWSER =
      """
      GET /catalogue/books/2026?sort=price&page=3 HTTP/1.1
      Host: shop.example.com
      User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0
      Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8
      Accept-Language: en-US,en;q=0.5
      Accept-Encoding: gzip, deflate, br, zstd
      Referer: https://shop.example.com/catalogue/books
      Connection: keep-alive
      Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=yes
      Upgrade-Insecure-Requests: 1
      Sec-Fetch-Dest: document
      Sec-Fetch-Mode: navigate
      Sec-Fetch-Site: same-origin
      X-Request-Id: 6f1f3f0a-7f5e-4d0c-9b43-2a52a3f2b8f1
      Cache-Control: max-age=0

      """;

  @Param({"small", "browser"})
  public String shape = "small";

  private final HeadReader reader = new HeadReader(HttpLimits.DEFAULT);
  private final RequestHead head = new RequestHead();
  private final RequestHead parsed = new RequestHead();
  private ByteBuf in = io.netty.buffer.Unpooled.EMPTY_BUFFER;
  private ByteBuf out = io.netty.buffer.Unpooled.EMPTY_BUFFER;

  @Setup
  public void write() {
    byte[] text =
        (shape.equals("small") ? SMALL : BROWSER)
            .replace("\n", "\r\n")
            .getBytes(StandardCharsets.ISO_8859_1);
    in = PooledByteBufAllocator.DEFAULT.directBuffer(text.length).writeBytes(text);
    out = PooledByteBufAllocator.DEFAULT.directBuffer(8192);
    read(parsed);
  }

  @TearDown
  public void release() {
    in.release();
    out.release();
  }

  private void read(RequestHead into) {
    in.readerIndex(0);
    into.clear();
    reader.reset(true);
    if (!reader.read(in, into, RequestSyntax::startLine)) {
      throw new IllegalStateException("the head is not complete");
    }
    RequestSyntax.complete(into);
    PathForm.normalize(into);
  }

  /** From the socket's bytes to a checked head. */
  @Benchmark
  public RequestHead parse() {
    read(head);
    return head;
  }

  /** Back to bytes for the upstream. */
  @Benchmark
  public ByteBuf write1() {
    out.clear();
    parsed.writeHttp1(out);
    return out;
  }

  /** What the proxy looks up of its own accord, by number. */
  @Benchmark
  public int findByNumber() {
    return parsed.findId(HeaderId.X_FORWARDED_FOR, 0) + parsed.findId(HeaderId.X_REQUEST_ID, 0);
  }

  /** What a route asks for, by name. */
  @Benchmark
  public Object findByName() {
    return parsed.header("cache-control");
  }
}
