package dev.meshctl.model.wire;

import dev.meshctl.model.xds.RouteTableConfig.Header;
import dev.meshctl.model.xds.RouteTableConfig.HeaderChanges;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import java.util.ArrayList;
import java.util.List;

/**
 * Header changes. Values are literal: a percent sign, which begins a command to Envoy, is written
 * twice, and a value with a command is refused.
 */
final class HeaderCodec {
  private static final KnownFields OPTION =
      KnownFields.of(HeaderValueOption.getDescriptor(), "header", "append", "append_action")
          .leavingAside("keep_empty_value");

  private HeaderCodec() {}

  static List<HeaderValueOption> encode(HeaderChanges changes) {
    List<HeaderValueOption> options = new ArrayList<>();
    for (Header header : changes.set()) {
      options.add(option(header, HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD));
    }
    for (Header header : changes.add()) {
      options.add(option(header, HeaderAppendAction.APPEND_IF_EXISTS_OR_ADD));
    }
    return options;
  }

  private static HeaderValueOption option(Header header, HeaderAppendAction action) {
    HeaderValueOption.Builder option = HeaderValueOption.newBuilder().setAppendAction(action);
    option.getHeaderBuilder().setKey(header.name()).setValue(header.value().replace("%", "%%"));
    return option.build();
  }

  static HeaderChanges decode(
      Reading reading, String path, List<HeaderValueOption> options, List<String> remove) {
    List<Header> set = new ArrayList<>();
    List<Header> add = new ArrayList<>();
    for (int i = 0; i < options.size(); i++) {
      HeaderValueOption option = options.get(i);
      String at = path + "[" + i + "]";
      reading.expect(at, option, OPTION);
      Header header =
          new Header(
              option.getHeader().getKey(),
              literal(reading, at + ".header.value", option.getHeader().getValue()));
      if (option.hasAppend()) {
        (option.getAppend().getValue() ? add : set).add(header);
        continue;
      }
      switch (option.getAppendAction()) {
        case APPEND_IF_EXISTS_OR_ADD -> add.add(header);
        case OVERWRITE_IF_EXISTS_OR_ADD -> set.add(header);
        case ADD_IF_ABSENT, OVERWRITE_IF_EXISTS, UNRECOGNIZED ->
            reading.refuse(
                at + ".append_action",
                option.getAppendAction()
                    + " (expected: APPEND_IF_EXISTS_OR_ADD or OVERWRITE_IF_EXISTS_OR_ADD)");
      }
    }
    return new HeaderChanges(set, add, List.copyOf(remove));
  }

  private static String literal(Reading reading, String path, String value) {
    String literal = value.replace("%%", "");
    if (literal.indexOf('%') >= 0) {
      reading.refuse(path, value + " (expected: a literal, % written as %%)");
    }
    return value.replace("%%", "%");
  }
}
