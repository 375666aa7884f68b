package io.chainrule.web.v1.keys;

import java.util.List;

/** All keys, the oldest first. */
record KeysResponse(List<KeyResponse> keys) {}
