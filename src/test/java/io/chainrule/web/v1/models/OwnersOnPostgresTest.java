package io.chainrule.web.v1.models;

import io.chainrule.web.OnPostgres;

/** The same with PostgreSQL. */
@OnPostgres
class OwnersOnPostgresTest extends OwnersTest {}
