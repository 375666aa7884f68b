package io.chainrule.service.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the embedded database has acknowledged is there after its process was killed, and nothing is there by half. */
class KilledStoreTest {
    private static Connection open(Path folder) throws SQLException {
        EmbeddedDatabase database = new EmbeddedDatabase(folder);
        return DriverManager.getConnection(database.getJdbcUrl(), database.getUsername(), database.getPassword());
    }

    /** Writes pairs of rows, each pair in a transaction, and says so after each. */
    public static void main(String[] args) throws SQLException {
        try (Connection connection = open(Path.of(args[0]));
                PreparedStatement insert = connection.prepareStatement("insert into pairs values (?, ?)")) {
            connection.setAutoCommit(false);
            for (int i = 0;; i++) {
                for (String half : new String[]{"left", "right"}) {
                    insert.setInt(1, i);
                    insert.setString(2, half);
                    insert.executeUpdate();
                }
                connection.commit();
                System.out.println(i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 57, 200})
    void losesNothingThatWasAcknowledged(int writes, @TempDir Path folder) throws IOException, SQLException, InterruptedException {
        try (Connection connection = open(folder); Statement statement = connection.createStatement()) {
            statement.execute("create table pairs (id int, half varchar(5))");
        }
        Process writer = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), KilledStoreTest.class.getName(), folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        Set<Integer> acknowledged = new HashSet<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
            while (acknowledged.size() < writes) {
                String line = lines.readLine();
                assertThat(line).as("the writer goes on").isNotNull();
                acknowledged.add(Integer.valueOf(line));
            }
            // The process itself would close what is read next.
            writer.toHandle().destroyForcibly();
            // What it said before it died was acknowledged as well.
            lines.lines().map(Integer::valueOf).forEach(acknowledged::add);
        } finally {
            writer.toHandle().destroyForcibly();
        }
        writer.waitFor();

        Set<Integer> kept = new HashSet<>();
        try (Connection connection = open(folder);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select id, count(*) from pairs group by id")) {
            while (rows.next()) {
                kept.add(rows.getInt(1));
                assertThat(rows.getInt(2)).as("halves of " + rows.getInt(1)).isEqualTo(2);
            }
        }
        assertThat(kept).containsAll(acknowledged);
    }
}
