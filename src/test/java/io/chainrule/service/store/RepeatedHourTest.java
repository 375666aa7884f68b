package io.chainrule.service.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded database keeps times as they are, also in the hour that comes twice when daylight saving time ends. */
class RepeatedHourTest {
    private static final List<String> TIMES = List.of("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-03-29T01:30:00Z",
            "2026-07-01T00:00:00Z");

    /** Writes the times and reads all that there are. The zone is that of the process, so that it is a process of its own. */
    public static void main(String[] args) throws SQLException {
        EmbeddedDatabase database = new EmbeddedDatabase(Path.of(args[0]));
        try (Connection connection = DriverManager.getConnection(database.getJdbcUrl(), database.getUsername(), database.getPassword());
                PreparedStatement insert = connection.prepareStatement("insert into times values (?, ?)")) {
            for (String time : TIMES) {
                insert.setString(1, time);
                insert.setTimestamp(2, Timestamp.from(Instant.parse(time)));
                insert.executeUpdate();
            }
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("select written, stored from times")) {
                while (rows.next()) {
                    System.out.println(rows.getString(1) + " " + rows.getTimestamp(2).toInstant());
                }
            }
        }
    }

    @Test
    void timesAreReadAsTheyWereWritten(@TempDir Path folder) throws IOException, SQLException, InterruptedException {
        EmbeddedDatabase database = new EmbeddedDatabase(folder);
        try (Connection connection = DriverManager.getConnection(database.getJdbcUrl(), database.getUsername(), database.getPassword());
                Statement statement = connection.createStatement()) {
            statement.execute("create table times (written varchar(30), stored timestamp(3) with time zone)");
            // As earlier versions of the service have stored it.
            statement.execute("insert into times values ('2025-07-01T00:00:00Z', timestamp with time zone '2025-07-01 02:00:00+02:00')");
        }
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Duser.timezone=Europe/Berlin", "-cp", System.getProperty("java.class.path"), RepeatedHourTest.class.getName(),
                folder.toString()).redirectErrorStream(true).start();
        List<String> read = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        assertThat(process.waitFor()).as(read.toString()).isZero();
        assertThat(read).hasSize(5).allSatisfy(line -> assertThat(line).matches("(\\S+) \\1"));
    }
}
