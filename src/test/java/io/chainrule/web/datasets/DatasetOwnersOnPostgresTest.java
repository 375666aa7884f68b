package io.chainrule.web.datasets;

import io.chainrule.web.OnPostgres;

/** The same with PostgreSQL. */
@OnPostgres
class DatasetOwnersOnPostgresTest extends DatasetOwnersTest {}
