package io.chainrule.web.models;

import io.chainrule.web.OnPostgres;

/** The same with PostgreSQL. */
@OnPostgres
class ModelFilesOnPostgresTest extends ModelFilesTest {}
