package io.chainrule.service.jobs;

import io.chainrule.web.OnPostgres;
import org.springframework.context.annotation.Import;

/** The same with PostgreSQL. */
@OnPostgres
@Import(FencedJobsTest.Kinds.class)
class FencedJobsOnPostgresTest extends FencedJobsTest {}
