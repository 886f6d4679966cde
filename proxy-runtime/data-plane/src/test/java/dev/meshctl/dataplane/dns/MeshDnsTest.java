package dev.meshctl.dataplane.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.dataplane.observe.LoopCounters;
import dev.meshctl.dataplane.observe.LoopCounters.Counter;
import dev.meshctl.model.xds.NameTable;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.net.loop.Loops;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import javax.naming.Context;
import javax.naming.NameNotFoundException;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.ServiceUnavailableException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Asked by the JDK's own DNS client, which knows UDP, TCP and truncation. */
class MeshDnsTest {
  private static final String LOCAL = "127.0.0.1";

  /** What the machine's resolver says of every name. */
  private static final String OUTSIDE = "192.0.2.1";

  private final Loops loops = Loops.start(1, "dns-test");
  private final LoopCounters counters = new LoopCounters();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private FakeResolver resolver = new FakeResolver();

  @BeforeEach
  void open() throws IOException {
    resolver = new FakeResolver();
    resolver.start();
    opened.add(resolver);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
    loops.close();
  }

  private MeshDns start(Duration patience, InetSocketAddress... resolvers) throws IOException {
    MeshDns dns =
        MeshDns.start(
            new MeshDns.Settings(
                new SocketEndpoint(LOCAL, 0),
                "shop",
                "cluster.local",
                List.of(resolvers),
                patience),
            loops.all().getFirst(),
            loops.transport(),
            new SplittableRandom(42),
            counters);
    opened.add(dns);
    dns.update(
        new NameTable(
            NameTable.NAME,
            Map.of(
                "reviews.shop.svc.cluster.local", List.of("127.77.18.3"),
                "db.other.svc.cluster.local", List.of("127.77.18.4", "fd00::4"),
                "api.example.com", List.of("127.77.18.5"),
                "*.wild.example.com", List.of("127.77.18.6"))));
    return dns;
  }

  private MeshDns start() throws IOException {
    return start(Duration.ofSeconds(5), resolver.address());
  }

  /** Values of one type of record, sorted; none for NODATA. DNS records hold no objects. */
  @SuppressWarnings("BanJNDI")
  private static List<String> ask(MeshDns dns, String name, String type) throws NamingException {
    Hashtable<String, String> settings = new Hashtable<>();
    settings.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
    settings.put(Context.PROVIDER_URL, "dns://127.0.0.1:" + dns.address().getPort());
    settings.put("com.sun.jndi.dns.timeout.initial", "10000");
    settings.put("com.sun.jndi.dns.timeout.retries", "1");
    InitialDirContext client = new InitialDirContext(settings);
    try {
      Attribute values = client.getAttributes(name, new String[] {type}).get(type);
      List<String> all = new ArrayList<>();
      if (values != null) {
        NamingEnumeration<?> each = values.getAll();
        while (each.hasMore()) {
          all.add(String.valueOf(each.next()));
        }
      }
      all.sort(null);
      return all;
    } finally {
      client.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "reviews.shop.svc.cluster.local",
        "REVIEWS.Shop.svc.cluster.local.",
        "reviews.shop.svc",
        "reviews.shop",
        "reviews"
      })
  void a_service_answers_to_all_its_names(String name) throws Exception {
    assertThat(ask(start(), name, "A")).containsExactly("127.77.18.3");
    assertThat(resolver.asked()).isEmpty();
  }

  @Test
  void a_short_name_is_of_the_own_namespace_only() throws Exception {
    MeshDns dns = start();

    assertThat(ask(dns, "db.other", "A")).containsExactly("127.77.18.4");
    assertThat(ask(dns, "db", "A")).containsExactly(OUTSIDE);
  }

  @Test
  void a_wildcard_answers_for_what_is_below_it() throws Exception {
    MeshDns dns = start();

    assertThat(ask(dns, "a.wild.example.com", "A")).containsExactly("127.77.18.6");
    assertThat(ask(dns, "a.b.wild.example.com", "A")).containsExactly("127.77.18.6");
    assertThat(ask(dns, "wild.example.com", "A")).containsExactly(OUTSIDE);
  }

  @Test
  void a_known_name_without_the_record_is_no_data_and_nobody_else_is_asked() throws Exception {
    MeshDns dns = start();

    assertThat(ask(dns, "reviews", "AAAA")).isEmpty();
    assertThat(ask(dns, "reviews", "MX")).isEmpty();
    assertThat(ask(dns, "db.other", "AAAA")).containsExactly("fd00::4");
    assertThat(resolver.asked()).isEmpty();
  }

  @Test
  void other_names_go_to_the_resolver_of_the_machine() throws Exception {
    MeshDns dns = start();

    assertThat(ask(dns, "outside.example.org", "A")).containsExactly(OUTSIDE);
    assertThatThrownBy(() -> ask(dns, "none.example.org", "A"))
        .isInstanceOf(NameNotFoundException.class);
    assertThat(resolver.asked()).containsExactly("outside.example.org", "none.example.org");
    assertThat(counters.value(Counter.DNS_FORWARDED)).isEqualTo(2);
  }

  @Test
  void a_new_table_answers_at_once() throws Exception {
    MeshDns dns = start();

    dns.update(new NameTable(NameTable.NAME, Map.of("new.example.com", List.of("127.77.18.9"))));

    assertThat(ask(dns, "new.example.com", "A")).containsExactly("127.77.18.9");
    assertThat(ask(dns, "api.example.com", "A")).containsExactly(OUTSIDE);
  }

  @Test
  void an_answer_too_large_for_a_datagram_comes_over_tcp() throws Exception {
    MeshDns dns = start();
    List<String> many = IntStream.range(0, 200).mapToObj(i -> "127.77.20." + i).toList();
    dns.update(new NameTable(NameTable.NAME, Map.of("many.example.com", many)));

    assertThat(ask(dns, "many.example.com", "A")).containsExactlyInAnyOrderElementsOf(many);
  }

  @Test
  void a_large_answer_of_the_resolver_comes_over_tcp_too() throws Exception {
    MeshDns dns = start();

    assertThat(ask(dns, "large.example.org", "A")).hasSize(100);
  }

  @Test
  void a_resolver_that_is_silent_hands_over_to_the_next() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.ofLiteral(LOCAL))) {
      MeshDns dns =
          start(
              Duration.ofMillis(200),
              (InetSocketAddress) silent.getLocalSocketAddress(),
              resolver.address());

      assertThat(ask(dns, "outside.example.org", "A")).containsExactly(OUTSIDE);
    }
  }

  @Test
  void a_resolver_that_is_gone_hands_over_without_waiting() throws Exception {
    InetSocketAddress gone;
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral(LOCAL))) {
      gone = (InetSocketAddress) socket.getLocalSocketAddress();
    }
    MeshDns dns = start(Duration.ofMinutes(5), gone, resolver.address());

    assertThat(ask(dns, "outside.example.org", "A")).containsExactly(OUTSIDE);
  }

  @Test
  void without_any_resolver_the_client_is_told_so() throws Exception {
    MeshDns dns = start(Duration.ofSeconds(1));

    assertThatThrownBy(() -> ask(dns, "outside.example.org", "A"))
        .isInstanceOf(ServiceUnavailableException.class);
  }

  @Test
  void an_answer_with_a_wrong_question_is_not_believed() throws Exception {
    MeshDns dns = start(Duration.ofMillis(200), resolver.address());

    assertThatThrownBy(() -> ask(dns, "forged.example.org", "A"))
        .isInstanceOf(ServiceUnavailableException.class);
    assertThat(counters.value(Counter.DNS_FAILED)).isPositive();
  }

  @Test
  void queries_beyond_the_bound_are_refused_and_those_within_it_are_answered() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.ofLiteral(LOCAL));
        DatagramSocket client = new DatagramSocket(0, InetAddress.ofLiteral(LOCAL))) {
      MeshDns dns =
          start(Duration.ofMinutes(5), (InetSocketAddress) silent.getLocalSocketAddress());
      client.setSoTimeout(10_000);
      for (int i = 0; i < Forwarder.MOST_IN_FLIGHT; i++) {
        send(client, dns, query(i, "slow.example.org", 1));
        long before = i + 1;
        Awaitility.await()
            .pollInterval(Duration.ofMillis(1))
            .until(() -> counters.value(Counter.DNS_FORWARDED) == before);
      }

      send(client, dns, query(9999, "one.more.example.org", 1));

      ByteBuffer refused = receive(client);
      assertThat(refused.getShort(0) & 0xFFFF).isEqualTo(9999);
      assertThat(refused.getShort(2) & 0xF).isEqualTo(DnsMessage.SERVER_FAILURE);
      send(client, dns, query(7, "reviews.shop", 1));
      assertThat(receive(client).getShort(6)).isEqualTo((short) 1);
    }
  }

  @Test
  void edns_is_answered_with_edns_and_a_large_datagram() throws Exception {
    MeshDns dns = start();
    List<String> some = IntStream.range(0, 60).mapToObj(i -> "127.77.20." + i).toList();
    dns.update(new NameTable(NameTable.NAME, Map.of("some.example.com", some)));
    try (DatagramSocket client = new DatagramSocket(0, InetAddress.ofLiteral(LOCAL))) {
      client.setSoTimeout(10_000);
      byte[] plain = query(1, "some.example.com", 1);
      byte[] edns = Arrays.copyOf(plain, plain.length + 11);
      ByteBuffer.wrap(edns).putShort(10, (short) 1);
      ByteBuffer.wrap(edns, plain.length, 11)
          .put((byte) 0)
          .putShort((short) 41)
          .putShort((short) 4096);

      send(client, dns, plain);
      ByteBuffer cut = receive(client);
      send(client, dns, edns);
      ByteBuffer whole = receive(client);

      assertThat(cut.getShort(2) & 0x0200).as("truncated").isNotZero();
      assertThat(cut.limit()).isLessThanOrEqualTo(512);
      assertThat(whole.getShort(2) & 0x0200).as("truncated").isZero();
      assertThat(whole.getShort(6)).as("answers").isEqualTo((short) 60);
      assertThat(whole.getShort(10)).as("additional").isEqualTo((short) 1);
    }
  }

  @Test
  void what_is_no_query_is_answered_by_its_kind() throws Exception {
    MeshDns dns = start();
    try (DatagramSocket client = new DatagramSocket(0, InetAddress.ofLiteral(LOCAL))) {
      byte[] two = query(1, "a", 1);
      ByteBuffer.wrap(two).putShort(4, (short) 2);
      client.setSoTimeout(10_000);
      send(client, dns, two);
      assertThat(receive(client).getShort(2) & 0xF).isEqualTo(DnsMessage.FORMAT_ERROR);

      byte[] loop = query(2, "a", 1);
      loop[DnsMessage.HEADER] = (byte) 0xC0;
      loop[DnsMessage.HEADER + 1] = (byte) DnsMessage.HEADER;
      send(client, dns, loop);
      assertThat(receive(client).getShort(2) & 0xF).isEqualTo(DnsMessage.FORMAT_ERROR);

      byte[] update = query(3, "a", 1);
      update[2] = 5 << 3;
      send(client, dns, update);
      assertThat(receive(client).getShort(2) & 0xF).isEqualTo(DnsMessage.NOT_IMPLEMENTED);

      byte[] response = query(4, "reviews", 1);
      response[2] |= (byte) 0x80;
      send(client, dns, response);
      send(client, dns, new byte[] {1, 2, 3});
      send(client, dns, query(5, "reviews", 1));
      assertThat(receive(client).getShort(0)).as("only the query is answered").isEqualTo((short) 5);
    }
  }

  @Test
  void a_connection_may_ask_several_times_at_once() throws Exception {
    MeshDns dns = start();
    try (Socket client = new Socket(dns.address().getAddress(), dns.address().getPort())) {
      client.setSoTimeout(10_000);
      DataOutputStream out = new DataOutputStream(client.getOutputStream());
      for (int id = 1; id <= 3; id++) {
        byte[] query = query(id, "reviews.shop", 1);
        out.writeShort(query.length);
        out.write(query);
      }
      DataInputStream in = new DataInputStream(client.getInputStream());
      for (int id = 1; id <= 3; id++) {
        byte[] answer = new byte[in.readUnsignedShort()];
        in.readFully(answer);
        assertThat(ByteBuffer.wrap(answer).getShort(0)).isEqualTo((short) id);
      }
    }
  }

  @Test
  void an_address_that_is_taken_is_named() throws Exception {
    MeshDns dns = start();

    assertThatThrownBy(() ->
            MeshDns.start(
                new MeshDns.Settings(
                    new SocketEndpoint(LOCAL, dns.address().getPort()),
                    "shop",
                    "cluster.local",
                    List.of(),
                    Duration.ofSeconds(1)),
                loops.all().getFirst(),
                loops.transport(),
                new SplittableRandom(1),
                counters))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("127.0.0.1:" + dns.address().getPort());
  }

  @Test
  void resolvers_are_read_as_the_c_library_reads_them() {
    assertThat(
            ResolverFile.parse(
                List.of(
                    "# nameserver 1.1.1.1",
                    "nameserver 10.0.0.2",
                    "  nameserver\tfd00::1 # second",
                    "nameserver nonsense",
                    "search a b")))
        .containsExactly(
            new InetSocketAddress(InetAddress.ofLiteral("10.0.0.2"), 53),
            new InetSocketAddress(InetAddress.ofLiteral("fd00::1"), 53));
  }

  private static byte[] query(int id, String name, int type) {
    ByteBuffer out = ByteBuffer.allocate(512);
    out.putShort((short) id).putShort((short) 0x0100).putShort((short) 1);
    out.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    for (String label : name.split("\\.")) {
      out.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
    }
    out.put((byte) 0).putShort((short) type).putShort((short) 1);
    return Arrays.copyOf(out.array(), out.position());
  }

  private static void send(DatagramSocket from, MeshDns dns, byte[] message) throws IOException {
    from.send(new DatagramPacket(message, message.length, dns.address()));
  }

  private static ByteBuffer receive(DatagramSocket at) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
    try {
      at.receive(packet);
    } catch (SocketTimeoutException e) {
      throw new AssertionError("no answer", e);
    }
    return ByteBuffer.wrap(Arrays.copyOf(packet.getData(), packet.getLength()));
  }
}
