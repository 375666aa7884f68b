package io.chainrule.service.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.OnPostgres;
import io.chainrule.web.TableScans;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** The same with PostgreSQL. */
@OnPostgres
class StoredModelsOnPostgresTest extends StoredModelsTest {
    @Test
    void storingReadsNoTableAsAWhole(@Autowired ModelRows rows, @Autowired JdbcClient database,
            @Autowired TransactionOperations transactions) {
        ModelVersion version = new ModelVersion("needing", 1, "0".repeat(64), 0, null, null, List.of(), Instant.now(), null);
        assertThat(TableScans.of(database, transactions, () -> rows.need("open", version, Set.of("1".repeat(64), "2".repeat(64)),
                Instant.EPOCH))).isEmpty();
    }

    /** Otherwise the list of what is deleted would take the square of the number of versions. */
    @Test
    void listingReadsEachVersionAFewTimes(@Autowired ModelCleaner cleaner, @Autowired ModelService service, @Autowired JdbcClient database,
            @Autowired TransactionOperations transactions) {
        put("listed", "1, 2");
        service.delete("open", "listed", 0, _ -> {});
        database.sql("insert into model_version (owner, name, version, digest, bytes, tags, created_at, deleted_at) select owner, name, "
                + "number, digest, bytes, tags, created_at, deleted_at from model_version, generate_series(2, 500) number "
                + "where name = 'listed'").update();
        assertThat(service.all("open", true, "listed", null, null, "", 10)).extracting(ModelVersion::version).containsExactly(500);
        assertThat(TableScans.rows("model_version", database, transactions,
                () -> service.all("open", true, "listed", null, null, "", 10))).isBetween(500L, 5_000L);
        cleaner.clean(Instant.now().plus(Duration.ofDays(8)));
    }

    @Test
    void cleaningReadsNoTableAsAWhole(@Autowired ModelCleaner cleaner, @Autowired ModelService service, @Autowired JdbcClient database,
            @Autowired TransactionOperations transactions) {
        put("scanned", "1, 2");
        service.delete("open", "scanned", 0, _ -> {});
        assertThat(TableScans.of(database, transactions, () -> cleaner.clean(Instant.now().plus(Duration.ofDays(8))))).isEmpty();
        assertThat(get("/v1/models/scanned/aliases").statusCode()).as("removed").isEqualTo(404);
    }
}
