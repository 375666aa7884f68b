package io.chainrule.web.v1;

import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.springframework.test.context.TestPropertySource;

/** The same answers where no compiled function is kept from one request to the next. */
@Execution(ExecutionMode.CONCURRENT)
@TestPropertySource(properties = {"chainrule.limits.cache-bytes=0", "chainrule.data-directory=target/data-without-cache"})
class RecordedAnswersWithoutCacheTest extends RecordedAnswersTest {}
