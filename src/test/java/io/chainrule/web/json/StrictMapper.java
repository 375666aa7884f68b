package io.chainrule.web.json;

import tools.jackson.databind.json.JsonMapper;

/** A mapper as the service's, without Spring. */
public final class StrictMapper {
    static final JsonMapper JSON = make();

    private StrictMapper() {}

    public static JsonMapper make() {
        JsonMapper.Builder builder = JsonMapper.builder(StrictJson.jsonFactory());
        new StrictJson().customize(builder);
        return builder.build();
    }
}
