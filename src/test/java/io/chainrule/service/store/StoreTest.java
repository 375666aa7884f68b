package io.chainrule.service.store;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariDataSource;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Turn;
import io.chainrule.service.run.Turns;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.zip.ZipFile;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.jdbc.core.dialect.JdbcH2Dialect;
import org.springframework.data.jdbc.core.dialect.JdbcPostgresDialect;
import org.springframework.data.relational.core.conversion.DbAction;
import org.springframework.data.relational.core.conversion.DbActionExecutionException;
import org.springframework.data.relational.core.conversion.IdValueSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/** The embedded database in a folder of its own: when it is opened, and what becomes of failures. */
class StoreTest {
    @TempDir
    private Path temporary;

    /** What makes the tables of the database in a folder. */
    private static Flyway tables(Path folder) {
        return Flyway.configure().dataSource(new EmbeddedDatabase(folder).getJdbcUrl(), "chainrule", "").load();
    }

    /** A store in a folder, and its database. */
    private record Opened(Store store, JdbcTemplate database, StoreProperties properties) {
        static Opened in(Path folder) {
            return of(folder, new EmbeddedDatabase(folder));
        }

        static Opened of(Path folder, JdbcConnectionDetails details) {
            DriverManagerDataSource source = new DriverManagerDataSource(new EmbeddedDatabase(folder).getJdbcUrl(), "chainrule", "");
            HikariDataSource pool = new HikariDataSource();
            Store store = new Store(new Tables(tables(folder), pool), details, new TransactionTemplate(new JdbcTransactionManager(source)),
                    pool, new Compaction(pool));
            return new Opened(store, new JdbcTemplate(source), new StoreProperties(folder));
        }

        int insert(String id) {
            return database.update("insert into api_key (id, hash, owner, scopes, created_at) values (?, ?, 'o', '', current_timestamp)",
                    id,
                    id);
        }

        int keys() {
            return Objects.requireNonNull(database.queryForObject("select count(*) from api_key", Integer.class));
        }
    }

    @Test
    void isOpenedWhenItIsFirstNeeded() throws IOException {
        Path folder = temporary.resolve("new/data");
        Opened opened = Opened.in(folder);
        assertThat(opened.store.isEmbedded()).isTrue();
        assertThat(folder).doesNotExist();
        assertThat(opened.store.<Integer>with(() -> opened.insert("a"))).isEqualTo(1);
        assertThat(opened.store.<Integer>with(opened::keys)).isEqualTo(1);
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("chainrule.mv.db"))))
                    .isEqualTo("rw-------");
        }
        opened.store.open();
    }

    /** Not every request waits for a store that is away; a second later it is tried again. */
    @Test
    void isTriedAgainOnceASecondWhereItCannotBeOpened() throws IOException, InterruptedException {
        Path folder = Files.writeString(temporary.resolve("data"), "a file where the folder should be");
        Opened opened = Opened.in(folder);
        Set<Throwable> causes = Collections.newSetFromMap(new IdentityHashMap<>());
        Thread first = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 10; i++) {
                causes.add(Objects.requireNonNull(
                        catchThrowableOfType(StoreUnavailableException.class, () -> opened.store.with(opened::keys)).getCause()));
            }
        });
        first.join();
        assertThat(causes).as("causes of 10 refusals").hasSizeLessThan(10).allMatch(IOException.class::isInstance);
        Files.delete(folder);
        long start = System.nanoTime();
        Integer found = null;
        while (found == null && System.nanoTime() - start < Duration.ofSeconds(60).toNanos()) {
            try {
                found = opened.store.with(opened::keys);
            } catch (StoreUnavailableException _) {
                Thread.onSpinWait();
            }
        }
        assertThat(found).isZero();
    }

    @Test
    void aViolationIsToldAsOne() {
        Opened opened = Opened.in(temporary);
        opened.store.with(() -> opened.insert("a"));
        assertThatThrownBy(() -> opened.store.with(() -> opened.insert("a"))).isInstanceOf(DuplicateKeyException.class);
        DuplicateKeyException violation = new DuplicateKeyException("twice");
        assertThatThrownBy(() -> opened.store.with(() -> {
            throw new DbActionExecutionException(new DbAction.InsertRoot<>("key", IdValueSource.PROVIDED), violation);
        })).isSameAs(violation);
        assertThat(opened.store.<Integer>with(opened::keys)).as("it is not away for that").isEqualTo(1);
    }

    @Test
    void otherFailuresOfTheDatabaseMakeItUnavailable() {
        Opened opened = Opened.in(temporary);
        for (RuntimeException failure : new RuntimeException[]{new DataAccessResourceFailureException("broken"),
                new CannotCreateTransactionException("broken"),
                new DbActionExecutionException(new DbAction.InsertRoot<>("key", IdValueSource.PROVIDED), new IllegalStateException())}) {
            assertThatThrownBy(() -> opened.store.with(() -> {
                throw failure;
            })).isInstanceOf(StoreUnavailableException.class).hasCause(failure);
            assertThat(opened.store.<Integer>with(opened::keys)).as("the next work is done").isZero();
        }
        assertThatThrownBy(() -> opened.store.with(() -> {
            throw new IllegalArgumentException("its own");
        })).isInstanceOf(IllegalArgumentException.class);
    }

    /** Where the pool has none to give, others do not wait for it too. */
    @Test
    void withoutAConnectionOthersAreRefusedSoon() {
        Opened opened = Opened.in(temporary);
        AtomicInteger tried = new AtomicInteger();
        int refused = 0;
        for (int i = 0; i < 100; i++) {
            try {
                opened.store.with(() -> {
                    tried.incrementAndGet();
                    throw new DataAccessResourceFailureException("none", new IllegalStateException(new SQLTransientConnectionException()));
                });
            } catch (StoreUnavailableException _) {
                refused++;
            }
        }
        assertThat(refused).isEqualTo(100);
        assertThat(tried).as("most did not try").hasValueBetween(1, 50);
    }

    /** Others compute while the database is waited for, also where this machine has one core. */
    @Test
    @Timeout(120)
    void noPermitIsHeldMeanwhile() {
        Opened opened = Opened.in(temporary);
        Turns turns = new Turns(new Binder(new MapConfigurationPropertySource(Map.of("chainrule.limits.threads", "1")))
                .bindOrCreate("chainrule.limits", Limits.class));
        try (Turn turn = turns.begin("one", () -> false)) {
            turn.take(0);
            int keys = opened.store.with(() -> {
                Thread other = Thread.ofPlatform().start(() -> {
                    try (Turn tiny = turns.begin("other", () -> false)) {
                        tiny.take(0);
                        opened.insert("a");
                    }
                });
                join(other);
                return opened.keys();
            });
            assertThat(keys).as("the other has had the permit").isEqualTo(1);
            double used = turn.used();
            await().untilAsserted(() -> assertThat(turn.used()).as("the permit is held again").isGreaterThan(used));
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The connection to the database that the pool lends. */
    private static Connection used(HikariDataSource pool) {
        try (Connection lent = pool.getConnection()) {
            return lent.unwrap(Connection.class);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** H2 opens a database again that it could not write once all of its connections have been closed. */
    @Test
    void afterAFailureNoConnectionIsUsedAgain() {
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl(new EmbeddedDatabase(temporary).getJdbcUrl());
            pool.setUsername("chainrule");
            pool.setMaximumPoolSize(1);
            Store store = new Store(new Tables(tables(temporary), pool), new EmbeddedDatabase(temporary),
                    new TransactionTemplate(new JdbcTransactionManager(pool)), pool, new Compaction(pool));
            Connection before = store.with(() -> used(pool));
            assertThat(store.<Connection>with(() -> used(pool))).isSameAs(before);
            assertThatThrownBy(() -> store.with(() -> {
                throw new DataAccessResourceFailureException("the disk is full");
            })).isInstanceOf(StoreUnavailableException.class);
            assertThat(store.<Connection>with(() -> used(pool))).isNotSameAs(before);
        }
    }

    /** Each transaction leaves pages behind. */
    @Test
    void theFileBecomesSmallAgain() throws IOException {
        try (HikariDataSource pool = new HikariDataSource()) {
            EmbeddedDatabase embedded = new EmbeddedDatabase(temporary);
            pool.setJdbcUrl(embedded.getJdbcUrl());
            pool.setUsername("chainrule");
            pool.setAllowPoolSuspension(true);
            JdbcTemplate database = new JdbcTemplate(pool);
            Store store = new Store(new Tables(tables(temporary), pool), embedded,
                    new TransactionTemplate(new JdbcTransactionManager(pool)), pool, new Compaction(pool));
            store.open();
            database.execute("create table large (id int primary key, content varbinary(1000000))");
            byte[] content = new byte[1_000_000];
            for (int i = 0; i < 100; i++) {
                new SplittableRandom(i).nextBytes(content);
                database.update("merge into large values (?, ?)", i % 3, content);
            }
            assertThat(Files.size(embedded.file())).isGreaterThan(70_000_000);
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                store.with(() -> database.queryForObject("select count(*) from large", Integer.class));
                return Files.size(embedded.file()) < 20_000_000;
            });
            assertThat(database.queryForObject("select content from large where id = 0", byte[].class)).isEqualTo(content);
        }
    }

    /** H2 is closed for a moment each time, also where work always waits for a connection. */
    @Test
    @Timeout(60)
    void whatIsReadAndWrittenWhileTheFileIsMadeSmallerDoesNotFail() {
        try (HikariDataSource pool = new HikariDataSource()) {
            EmbeddedDatabase embedded = new EmbeddedDatabase(temporary);
            pool.setJdbcUrl(embedded.getJdbcUrl());
            pool.setUsername("chainrule");
            pool.setAllowPoolSuspension(true);
            pool.setMaximumPoolSize(2);
            JdbcTemplate database = new JdbcTemplate(pool);
            Compaction compaction = new Compaction(pool);
            Store store = new Store(new Tables(tables(temporary), pool), embedded,
                    new TransactionTemplate(new JdbcTransactionManager(pool)), pool, compaction);
            store.open();
            database.execute("create table large (id int primary key, version int, content varbinary(100000))");
            AtomicBoolean isEnough = new AtomicBoolean();
            AtomicInteger written = new AtomicInteger();
            int closed = 0;
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<Boolean>> writers = IntStream.range(0, 8).mapToObj(id -> threads.submit(() -> {
                    byte[] content = new byte[100_000];
                    int version = 0;
                    while (!isEnough.get()) {
                        version++;
                        new SplittableRandom(version).nextBytes(content);
                        int next = version;
                        store.withTransaction(() -> database.update("merge into large values (?, ?, ?)", id, next, content));
                        assertThat(store.<byte[]>with(() -> database
                                .queryForObject("select content from large where id = ? and version = ?", byte[].class, id, next)))
                                .isEqualTo(content);
                        written.incrementAndGet();
                    }
                    return true;
                })).toList();
                try {
                    while ((closed < 3 || written.get() < 100) && writers.stream().noneMatch(Future::isDone)) {
                        closed += compaction.compact() ? 1 : 0;
                    }
                } finally {
                    isEnough.set(true);
                }
                assertThat(writers).extracting(Future::get).hasSize(8).containsOnly(true);
            }
            assertThat(closed).isGreaterThanOrEqualTo(3);
        }
    }

    @Test
    void whoIsInterruptedWhileItIsOpenedIsToldSo() {
        Opened opened = Opened.in(temporary);
        Thread.currentThread().interrupt();
        assertThatThrownBy(opened.store::open).isInstanceOf(StoreUnavailableException.class).hasCauseInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).as("still interrupted").isTrue();
        assertThat(opened.store.<Integer>with(opened::keys)).isZero();
    }

    /** Spring's start of the tables waits for the store, which makes them when it is first needed. */
    @Test
    void noTablesAreMadeAtTheStart() {
        Path folder = temporary.resolve("data");
        StoreConfiguration.migratedWhenNeeded().migrate(tables(folder));
        assertThat(folder).doesNotExist();
    }

    @Test
    void aTransactionIsDoneAsAWholeOrNotAtAll() {
        Opened opened = Opened.in(temporary);
        opened.store.withTransaction(() -> opened.insert("a"));
        assertThatThrownBy(() -> opened.store.withTransaction(() -> {
            opened.insert("b");
            throw new IllegalStateException("halfway");
        })).hasMessage("halfway");
        assertThat(opened.keys()).isEqualTo(1);
    }

    @Test
    void isBackedUpWhileItIsOpen() throws IOException {
        Opened opened = Opened.in(temporary);
        opened.store.with(() -> opened.insert("a"));
        Map<String, String> answer = new BackupEndpoint(opened.store, opened.properties, opened.database).backup();
        assertThat(answer.get("file")).matches("backups/chainrule-\\d{8}-\\d{6}-\\d{3}\\.zip");
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temporary.resolve("backups")))).isEqualTo("rwx------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temporary.resolve(Objects.requireNonNull(
                    answer.get("file")))))).isEqualTo("rw-------");
        }
        try (ZipFile backup = new ZipFile(temporary.resolve(Objects.requireNonNull(answer.get("file"))).toFile())) {
            assertThat(backup.stream()).extracting(entry -> entry.getName()).contains("chainrule.mv.db");
        }
    }

    private static DataSourceProperties server(@Nullable String url) {
        DataSourceProperties properties = new DataSourceProperties();
        properties.setUrl(url);
        properties.setUsername("user");
        properties.setPassword("word");
        return properties;
    }

    @Test
    void aServerTakesItsPlaceWhereOneIsNamed() {
        String url = "jdbc:postgresql://db/chainrule";
        JdbcConnectionDetails server = StoreConfiguration.database(new StoreProperties(temporary), server(url));
        assertThat(server.getJdbcUrl()).isEqualTo(url);
        assertThat(server.getUsername()).isEqualTo("user");
        assertThat(server.getPassword()).isEqualTo("word");
        assertThat(StoreConfiguration.dialect(server)).isEqualTo(JdbcPostgresDialect.INSTANCE);
        Opened opened = Opened.of(temporary, server);
        assertThat(opened.store.isEmbedded()).isFalse();
        assertThat(opened.store.<Integer>with(opened::keys)).isZero();
        assertThatThrownBy(() -> new BackupEndpoint(opened.store, opened.properties, opened.database).backup())
                .isInstanceOf(InvalidEndpointRequestException.class).hasMessageContaining("pg_dump");

        JdbcConnectionDetails embedded = StoreConfiguration.database(new StoreProperties(temporary), server(null));
        assertThat(embedded.getJdbcUrl()).startsWith("jdbc:h2:file:" + temporary).contains("WRITE_DELAY=0");
        assertThat(embedded.getUsername()).isEqualTo("chainrule");
        assertThat(embedded.getPassword()).isEmpty();
        assertThat(StoreConfiguration.dialect(embedded)).isEqualTo(JdbcH2Dialect.INSTANCE);
    }

    private static Properties patience(String url, String... own) {
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl(url);
            for (int i = 0; i < own.length; i += 2) {
                pool.addDataSourceProperty(own[i], own[i + 1]);
            }
            assertThat(StoreConfiguration.patience().postProcessAfterInitialization(pool, "pool")).isSameAs(pool);
            return pool.getDataSourceProperties();
        }
    }

    @Test
    void aServerIsWaitedForSecondsUnlessTheOperatorSaysOtherwise() {
        String url = "jdbc:postgresql://db/chainrule";
        assertThat(patience(url)).containsEntry("socketTimeout", "5").containsEntry("connectTimeout", "2")
                .containsEntry("cancelSignalTimeout", "1").containsEntry("tcpKeepAlive", "true");
        assertThat(patience(url, "socketTimeout", "60")).containsEntry("socketTimeout", "60").containsEntry("connectTimeout", "2");
        assertThat(patience(new EmbeddedDatabase(temporary).getJdbcUrl())).as("H2 knows none of this").isEmpty();
    }

    /** Behind one the URL has options. */
    @Test
    void aFolderHasNoSemicolon() {
        assertThatThrownBy(() -> new EmbeddedDatabase(temporary.resolve("a;INIT=x"))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("chainrule.data-directory", "semicolon");
    }
}
