package dev.meshctl.model.wire;

import dev.meshctl.model.xds.route.Header;
import dev.meshctl.model.xds.route.HeaderChanges;
import dev.meshctl.model.xds.route.Headers;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import java.util.ArrayList;
import java.util.List;

/**
 * Header changes. A percent sign in a literal, which begins a command to Envoy, is written twice.
 */
final class HeaderCodec {
  private static final KnownFields OPTION =
      KnownFields.of(
          HeaderValueOption.getDescriptor(),
          "header",
          "append",
          "append_action",
          "keep_empty_value");
  private static final KnownFields VALUE =
      KnownFields.of(HeaderValue.getDescriptor(), "key", "value");

  private HeaderCodec() {}

  static List<HeaderValueOption> encode(HeaderChanges changes) {
    List<HeaderValueOption> options = new ArrayList<>();
    for (Header header : changes.set()) {
      options.add(option(header, HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD));
    }
    for (Header header : changes.add()) {
      options.add(option(header, HeaderAppendAction.APPEND_IF_EXISTS_OR_ADD));
    }
    for (Header header : changes.addIfAbsent()) {
      options.add(option(header, HeaderAppendAction.ADD_IF_ABSENT));
    }
    for (Header header : changes.setIfPresent()) {
      options.add(option(header, HeaderAppendAction.OVERWRITE_IF_EXISTS));
    }
    return options;
  }

  private static HeaderValueOption option(Header header, HeaderAppendAction action) {
    HeaderValueOption.Builder option = HeaderValueOption.newBuilder().setAppendAction(action);
    option.setKeepEmptyValue(header.keepEmpty());
    option
        .getHeaderBuilder()
        .setKey(header.name())
        .setValue(header.format() ? header.value() : header.value().replace("%", "%%"));
    return option.build();
  }

  static HeaderChanges decode(
      Reading reading, String path, List<HeaderValueOption> options, List<String> remove) {
    List<Header> set = new ArrayList<>();
    List<Header> add = new ArrayList<>();
    List<Header> addIfAbsent = new ArrayList<>();
    List<Header> setIfPresent = new ArrayList<>();
    for (int i = 0; i < options.size(); i++) {
      HeaderValueOption option = options.get(i);
      String at = path + "[" + i + "]";
      reading.expect(at, option, OPTION);
      reading.expect(at + ".header", option.getHeader(), VALUE);
      Header header = header(option);
      if (option.hasAppend()) {
        (option.getAppend().getValue() ? add : set).add(header);
        continue;
      }
      switch (option.getAppendAction()) {
        case APPEND_IF_EXISTS_OR_ADD -> add.add(header);
        case OVERWRITE_IF_EXISTS_OR_ADD -> set.add(header);
        case ADD_IF_ABSENT -> addIfAbsent.add(header);
        case OVERWRITE_IF_EXISTS -> setIfPresent.add(header);
        case UNRECOGNIZED ->
            reading.refuse(at + ".append_action", "unknown value (expected: one of the four)");
      }
    }
    return new HeaderChanges(set, add, addIfAbsent, setIfPresent, List.copyOf(remove));
  }

  private static Header header(HeaderValueOption option) {
    String value = option.getHeader().getValue();
    boolean format = value.replace("%%", "").indexOf('%') >= 0;
    return new Header(
        option.getHeader().getKey(),
        format ? value : value.replace("%%", "%"),
        format,
        option.getKeepEmptyValue());
  }

  static Headers decode(
      Reading reading,
      String path,
      List<HeaderValueOption> request,
      List<String> requestRemove,
      List<HeaderValueOption> response,
      List<String> responseRemove) {
    return new Headers(
        decode(reading, path + "request_headers_to_add", request, requestRemove),
        decode(reading, path + "response_headers_to_add", response, responseRemove));
  }
}
