package io.chainrule.service.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.TestFolder;
import io.chainrule.service.store.ArrivingFile;
import io.chainrule.service.store.Terms;
import io.chainrule.web.OnPostgres;
import io.chainrule.web.TableScans;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.transaction.support.TransactionOperations;

/** The same with PostgreSQL, and a folder that replicas share. */
@OnPostgres
class StoredDatasetsOnPostgresTest extends StoredDatasetsTest {
    @DynamicPropertySource
    static void shared(DynamicPropertyRegistry properties) {
        properties.add("chainrule.datasets.directory", TestFolder.create("shared-datasets-")::toString);
    }

    @Test
    void storingAndCleaningReadNoTableAsAWhole(@Autowired DatasetService service, @Autowired JdbcClient database,
            @Autowired TransactionOperations transactions) throws IOException {
        put("scanned", "x\n7\n");
        String csv = "x\n8\n";
        Path file = Files.writeString(Files.createTempFile(Path.of("target"), "scanned-", ".csv"), csv);
        String sha256 = DigestUtils.sha256Hex(csv);
        assertThat(TableScans.of(database, transactions, () -> {
            service.checkQuotas("open", "scanned", new ArrivingFile(csv.length(), true, csv.length()), null);
            service.put("open", "scanned", DatasetFormat.CSV, file, csv.length(), sha256, Terms.none());
            try {
                cleanAfter(Duration.ofHours(3));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        })).isEmpty();
        assertThat(service.find("open", "scanned").sha256()).isEqualTo(sha256);
    }
}
