package io.chainrule.web.v1;

import org.springframework.test.context.TestPropertySource;

/** The same answers where no compiled function is kept from one request to the next. */
@TestPropertySource(properties = "chainrule.limits.cache-bytes=0")
class RecordedAnswersWithoutCacheTest extends RecordedAnswersTest {}
