package io.chainrule.web.v1.datasets;

import io.chainrule.web.OnPostgres;

/** The same with PostgreSQL. */
@OnPostgres
class DatasetOwnersOnPostgresTest extends DatasetOwnersTest {}
