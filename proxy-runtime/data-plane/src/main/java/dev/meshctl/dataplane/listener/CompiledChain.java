package dev.meshctl.dataplane.listener;

import dev.meshctl.model.xds.FilterChain;
import io.netty.handler.ssl.SslContext;
import java.util.Optional;

/** A filter chain with what it needs at run time. */
public record CompiledChain(FilterChain config, Optional<SslContext> tls) {}
