package dev.meshctl.model.testkit;

import dev.meshctl.model.xds.AdaptiveConcurrency;
import dev.meshctl.model.xds.AdaptiveConcurrency.MinRtt;
import dev.meshctl.model.xds.AdmissionControl;
import dev.meshctl.model.xds.AdmissionControl.StatusRange;
import dev.meshctl.model.xds.ConnectionLife;
import dev.meshctl.model.xds.ConnectionLimit;
import dev.meshctl.model.xds.HttpLimits;
import dev.meshctl.model.xds.HttpLimits.Http2;
import dev.meshctl.model.xds.HttpOptions;
import dev.meshctl.model.xds.HttpOptions.ClientAddress;
import dev.meshctl.model.xds.HttpOptions.Server;
import dev.meshctl.model.xds.HttpOptions.ServerHeader;
import dev.meshctl.model.xds.NetworkFilter.HttpFilter;
import dev.meshctl.model.xds.ProxyProtocolSent;
import dev.meshctl.model.xds.ProxyProtocolSent.Tlv;
import dev.meshctl.model.xds.Upgrades;
import dev.meshctl.model.xds.UpstreamOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Limits and other settings of connections that xDS can say. */
final class OptionArbitraries {
  private OptionArbitraries() {}

  /** 0 is the default. */
  static Arbitrary<Integer> sizes() {
    return Arbitraries.integers().between(0, Integer.MAX_VALUE);
  }

  private static Arbitrary<Http2> http2() {
    Arbitrary<Integer> windows =
        Arbitraries.integers().between(Http2.LEAST_WINDOW_BYTES, Integer.MAX_VALUE);
    return Combinators.combine(
            Arbitraries.integers().between(1, Integer.MAX_VALUE),
            windows,
            windows,
            sizes(),
            Arbitraries.of(true, false))
        .as(Http2::new);
  }

  private static Arbitrary<HttpLimits> limits() {
    return Combinators.combine(
            Arbitraries.integers().between(1, HttpLimits.MOST_HEAD_KIB),
            Arbitraries.integers().between(1, Integer.MAX_VALUE),
            sizes(),
            http2())
        .as(HttpLimits::new);
  }

  static Arbitrary<UpstreamOptions> upstream() {
    Arbitrary<ConnectionLife.Keepalive> keepalives =
        Combinators.combine(
                Arbitraries.integers().between(0, 127),
                Arbitraries.integers().between(0, 32_767),
                Arbitraries.integers().between(0, 32_767))
            .as(ConnectionLife.Keepalive::new);
    return Combinators.combine(
            limits(),
            XdsArbitraries.durations(),
            sizes(),
            proxyProtocol().optional(),
            Combinators.combine(XdsArbitraries.durations(), keepalives.optional())
                .as(ConnectionLife::new))
        .as(UpstreamOptions::new);
  }

  private static Arbitrary<ProxyProtocolSent> proxyProtocol() {
    Arbitrary<Tlv> values =
        Combinators.combine(Arbitraries.integers().between(0, 255), Arbitraries.of("", "00ff61"))
            .as(Tlv::new);
    return Arbitraries.oneOf(
        Arbitraries.just(ProxyProtocolSent.TEXT),
        values.list().ofMaxSize(2).map(added -> new ProxyProtocolSent(2, added)));
  }

  /** The header is part of the one transport socket. */
  static UpstreamOptions withoutHeader(UpstreamOptions any) {
    return any.telling(Optional.empty());
  }

  static Arbitrary<ConnectionLimit> connectionLimits() {
    return Combinators.combine(
            XdsArbitraries.names(),
            Arbitraries.longs().between(1, Long.MAX_VALUE),
            XdsArbitraries.durations())
        .as(ConnectionLimit::new);
  }

  private static Arbitrary<Double> percents() {
    return Arbitraries.integers().between(1, 100).map(Integer::doubleValue);
  }

  /** Filters that shed load. */
  static Arbitrary<HttpFilter> shedding() {
    Arbitrary<Integer> counts = Arbitraries.integers().between(1, Integer.MAX_VALUE);
    Arbitrary<Duration> intervals = XdsArbitraries.durations().map(each -> each.plusMillis(1));
    Arbitrary<MinRtt> rtts =
        Combinators.combine(
                intervals, XdsArbitraries.durations(), counts, percents(), counts, percents())
            .as(MinRtt::new);
    Arbitrary<AdaptiveConcurrency> adaptive =
        Combinators.combine(
                Arbitraries.of(true, false),
                Arbitraries.of(400, 503, 599),
                percents(),
                counts,
                intervals,
                rtts)
            .as(AdaptiveConcurrency::new);
    Arbitrary<StatusRange> statuses =
        Combinators.combine(Arbitraries.integers().between(100, 300), counts).as(StatusRange::new);
    Arbitrary<AdmissionControl> admission =
        Combinators.combine(
                Arbitraries.of(true, false),
                statuses.list().ofMaxSize(2),
                Arbitraries.integers().between(0, 16).list().ofMaxSize(3),
                XdsArbitraries.durations().map(each -> each.plusSeconds(1)),
                percents(),
                percents(),
                sizes(),
                percents())
            .as(AdmissionControl::new);
    return Arbitraries.oneOf(
        Combinators.combine(XdsArbitraries.names(), adaptive)
            .as((name, settings) -> (HttpFilter) new HttpFilter.Concurrency(name, settings)),
        Combinators.combine(XdsArbitraries.names(), admission)
            .as((name, settings) -> (HttpFilter) new HttpFilter.Admission(name, settings)));
  }

  /** HTTP/1 has no place for settings of HTTP/2. */
  static UpstreamOptions withoutHttp2(UpstreamOptions any) {
    HttpLimits limits = any.limits();
    return new UpstreamOptions(
        new HttpLimits(limits.headKib(), limits.fields(), limits.requests(), Http2.DEFAULT),
        any.idleTimeout(),
        any.bufferBytes(),
        any.proxyProtocol(),
        any.life());
  }

  static Arbitrary<HttpOptions> http() {
    Arbitrary<ClientAddress> clients =
        Combinators.combine(Arbitraries.of(true, false), sizes(), Arbitraries.of(true, false))
            .as(ClientAddress::new);
    Arbitrary<Server> servers =
        Combinators.combine(Arbitraries.of(ServerHeader.class), XdsArbitraries.names())
            .as(Server::new);
    return Combinators.combine(
            limits(),
            XdsArbitraries.durations(),
            clients,
            servers,
            Arbitraries.of(
                Upgrades.NONE, Upgrades.WEB_SOCKET, new Upgrades(Set.of("a", "b"), Set.of())),
            Arbitraries.of("", "1.1 meshctl"))
        .as(HttpOptions::new);
  }
}
