package io.chainrule.web;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Starts a PostgreSQL for the tests of a class. */
public final class PostgresServer {
    private PostgresServer() {}

    /** May stand in an initializer of a field. */
    public static EmbeddedPostgres start() {
        try {
            return EmbeddedPostgres.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
