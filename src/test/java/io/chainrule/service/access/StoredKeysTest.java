package io.chainrule.service.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.ReadsLog;
import io.chainrule.service.store.Store;
import io.chainrule.service.store.StoreProperties;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.jdbc.repository.config.EnableJdbcRepositories;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Keys in the database, without the service around them. */
@SpringBootTest(classes = StoredKeysTest.Parts.class, webEnvironment = SpringBootTest.WebEnvironment.NONE)
@ReadsLog
@Execution(ExecutionMode.SAME_THREAD)
class StoredKeysTest {
    private static final ApiKeys.OwnQuotas QUOTAS = new ApiKeys.OwnQuotas(7L, null, 9L, 0);
    private static final String MOUNTED = "0123456789abcdef0123456789ABCDE!";

    @TempDir
    private static Path folder;

    @TempDir
    private Path temporary;

    @Autowired
    private ApiKeys keys;
    @Autowired
    private Store store;
    @Autowired
    private ApiKeyRepository repository;
    @Autowired
    private JdbcAggregateOperations rows;
    @Autowired
    private JdbcOperations database;
    @Autowired
    private Allowances allowances;
    @Autowired
    private DataSource source;

    /** It is no component, so that the service's own scan in other tests does not find it. */
    @ImportAutoConfiguration({DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
            TransactionAutoConfiguration.class, JdbcTemplateAutoConfiguration.class, FlywayAutoConfiguration.class,
            DataJdbcRepositoriesAutoConfiguration.class})
    @EnableJdbcRepositories(basePackageClasses = ApiKeyRepository.class)
    @ComponentScan(basePackageClasses = {Store.class, ApiKeys.class})
    @EnableConfigurationProperties(SecurityProperties.class)
    static class Parts {}

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        properties.add("chainrule.data-directory", folder.resolve("data")::toString);
    }

    @BeforeEach
    void withoutKeys() {
        store.with(() -> database.update("delete from api_key"));
    }

    private static ApiKeys.Wish wish(@Nullable Instant end, Scope... scopes) {
        return new ApiKeys.Wish("who", List.of(scopes), end, QUOTAS);
    }

    private ApiKeys another(Duration remembers) {
        return new ApiKeys(store, repository, rows, new SecurityProperties(SecurityMode.API_KEY, List.of(), null, remembers, 60));
    }

    @Test
    void isKeptAsItWasWishedButForItsSecret() {
        Instant end = Instant.parse("2126-01-01T00:00:00.123456Z");
        ApiKeys.Issued issued = keys.issue(wish(end, Scope.TRAIN, Scope.COMPUTE));
        ApiKey key = keys.find(issued.key().id()).orElseThrow();
        assertThat(key).isEqualTo(issued.key());
        assertThat(key.owner()).isEqualTo("who");
        assertThat(key.scopes()).isEqualTo("compute train");
        assertThat(key.expiresAt()).isEqualTo(Instant.parse("2126-01-01T00:00:00.123Z"));
        assertThat(key.createdAt()).isBetween(Instant.now().minusSeconds(600), Instant.now().plusSeconds(1));
        assertThat(key.quotas(new Quotas(1, 2, 3, 4))).isEqualTo(new Quotas(7, 2, 9, 0));
        assertThat(key.hash()).isEqualTo(ApiKeys.hash(issued.secret()));
        assertThat(issued.secret()).matches("crk_[A-Za-z0-9_-]{43}");
        assertThat(keys.issue(wish(null, Scope.JOBS)).secret()).isNotEqualTo(issued.secret());
        assertThat(keys.bySecret(issued.secret())).contains(key);
        assertThat(keys.bySecret(issued.secret() + "x")).isEmpty();
        assertThat(keys.find("none")).isEmpty();
        assertThat(keys.all()).hasSize(2).first().isEqualTo(key);
    }

    /** A key that was found, or was not, is remembered; what this service does to it counts at once. */
    @Test
    void whatIsDoneToAKeyCountsAtOnceHere() {
        ApiKeys.Issued admin = keys.issue(wish(null, Scope.ADMIN));
        ApiKeys replica = another(Duration.ofHours(1));
        ApiKeys forgetful = another(Duration.ZERO);
        String secret = keys.newSecret();
        assertThat(keys.bySecret(secret)).isEmpty();
        assertThat(replica.bySecret(secret)).isEmpty();
        ApiKey key = keys.insert("its-id", secret, wish(null, Scope.COMPUTE));
        assertThat(keys.bySecret(secret)).contains(key);
        assertThat(replica.bySecret(secret)).as("remembers that there was none").isEmpty();
        assertThat(forgetful.bySecret(secret)).contains(key);
        assertThat(keys.revoke(key)).isTrue();
        assertThat(keys.bySecret(secret).orElseThrow().isRevoked()).isTrue();
        assertThat(keys.revoke(key)).as("once more").isTrue();
        assertThat(keys.bySecret(admin.secret()).orElseThrow().isRevoked()).isFalse();
        assertThatThrownBy(() -> keys.insert("its-id", keys.newSecret(), wish(null))).isInstanceOf(DuplicateKeyException.class);
        assertThatThrownBy(() -> keys.insert("other-id", secret, wish(null))).isInstanceOf(DuplicateKeyException.class);
    }

    @Test
    void theLastKeyThatMakesKeysIsNotRevoked() {
        ApiKey last = keys.issue(wish(null, Scope.ADMIN)).key();
        ApiKey expired = keys.issue(wish(Instant.EPOCH, Scope.ADMIN)).key();
        ApiKey other = keys.issue(wish(null, Scope.COMPUTE, Scope.JOBS)).key();
        assertThat(keys.revoke(last)).isFalse();
        assertThat(keys.find(last.id()).orElseThrow().isRevoked()).isFalse();
        assertThat(keys.revoke(expired)).isTrue();
        assertThat(keys.revoke(other)).isTrue();
        ApiKey next = keys.issue(wish(Instant.now().plusSeconds(3600), Scope.ADMIN)).key();
        assertThat(keys.revoke(last)).isTrue();
        assertThat(keys.revoke(next)).isFalse();
    }

    /** In each round two keys of scope admin revoke each other at the same moment, and the one that is left meets a new one. */
    private static void assertOneOfTwoStays(ApiKeys keys) throws Exception {
        CyclicBarrier start = new CyclicBarrier(2);
        ApiKey left = keys.issue(wish(null, Scope.ADMIN)).key();
        try (ExecutorService revokers = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < 300; round++) {
                List<ApiKey> both = List.of(left, keys.issue(wish(null, Scope.ADMIN)).key());
                for (Future<Boolean> done : revokers.invokeAll(both.stream().map(key -> (Callable<Boolean>) () -> {
                    start.await();
                    return keys.revoke(key);
                }).toList())) {
                    done.get();
                }
                List<ApiKey> usable = keys.all().stream().filter(key -> !key.isRevoked()).toList();
                assertThat(usable).as("round " + round).hasSize(1);
                left = usable.getFirst();
            }
        }
    }

    @Test
    void ofTwoKeysThatRevokeEachOtherOneStays() throws Exception {
        assertOneOfTwoStays(keys);
    }

    @Test
    void ofTwoKeysThatRevokeEachOtherOneStaysInPostgres() throws Exception {
        try (EmbeddedPostgres server = EmbeddedPostgres.start();
                ConfigurableApplicationContext parts = new SpringApplicationBuilder(Parts.class).web(WebApplicationType.NONE)
                        .run("--spring.datasource.url=" + server.getJdbcUrl("postgres", "postgres"))) {
            assertOneOfTwoStays(parts.getBean(ApiKeys.class));
        }
    }

    @Test
    void eachClientHasQuotasOfItsOwn() {
        Quotas quotas = new Quotas(1, 0, 0, 0);
        Allowance one = allowances.of(new Client("one", quotas));
        assertThat(one.take(false)).isNull();
        assertThat(allowances.of(new Client("one", quotas)).take(false)).isNotNull();
        assertThat(allowances.of(new Client("two", quotas)).take(false)).isNull();
        assertThat(allowances.of(new Client("one", new Quotas(5, 0, 0, 0))).take(false)).as("other quotas are counted anew").isNull();
        assertThatThrownBy(() -> new Allowances(store, source, true)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("chainrule.quotas.shared");
    }

    private FirstKey first(@Nullable Path mounted) {
        return new FirstKey(keys, new SecurityProperties(SecurityMode.API_KEY, List.of(), mounted, Duration.ZERO, 60),
                new StoreProperties(temporary.resolve("keys")), store);
    }

    private String written() throws IOException {
        return Files.readString(temporary.resolve("keys/first-key"));
    }

    @Test
    void theFirstKeyIsWrittenWhileNoneMakesOthers() throws IOException {
        keys.issue(wish(null, Scope.COMPUTE));
        first(null).prepare();
        ApiKey key = keys.bySecret(written().strip()).orElseThrow();
        assertThat(key.id()).isEqualTo("first-0");
        assertThat(key.allows()).isEqualTo(EnumSet.allOf(Scope.class));
        assertThat(key.owner()).isEqualTo("first key");
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temporary.resolve("keys/first-key"))))
                    .isEqualTo("rw-------");
        }
        try (var files = Files.list(temporary.resolve("keys"))) {
            assertThat(files).as("nothing is left beside it").hasSize(1);
        }
        String before = written();
        first(null).prepare();
        assertThat(written()).as("there is one").isEqualTo(before);
        database.update("update api_key set revoked_at = current_timestamp");
        first(null).prepare();
        assertThat(keys.bySecret(written().strip()).orElseThrow().id()).isEqualTo("first-1");
    }

    /** No key is valid that nobody knows. */
    @Test
    void aFirstKeyThatCannotBeWrittenIsNotKept() throws IOException {
        Files.writeString(temporary.resolve("keys"), "a file where the folder should be");
        assertThatThrownBy(() -> first(null).prepare()).hasMessageContaining("first key cannot be written to");
        assertThat(keys.all()).isEmpty();
    }

    private Path mounted(String text) throws IOException {
        return Files.writeString(temporary.resolve("mounted"), text);
    }

    @Test
    void aMountedKeyIsTheFirstOne() throws IOException {
        FirstKey first = first(mounted("  " + MOUNTED + "\n"));
        first.prepare();
        ApiKey key = keys.bySecret(MOUNTED).orElseThrow();
        assertThat(key.id()).isEqualTo(ApiKeys.hash(MOUNTED).substring(0, 12));
        assertThat(key.allows()).contains(Scope.ADMIN);
        assertThat(temporary.resolve("keys")).doesNotExist();
        keys.issue(wish(null, Scope.ADMIN));
        keys.revoke(key);
        first.prepare();
        assertThat(keys.bySecret(MOUNTED).orElseThrow().isRevoked()).as("one that was revoked stays so").isTrue();
        assertThat(keys.all()).hasSize(2);
    }

    /** The operator changes the secret, and is told which keys it does not replace until they are revoked. */
    @Test
    void aMountedKeyThatIsChangedLeavesTheOneBefore(CapturedOutput log) throws IOException {
        String warning = "Earlier first keys are still taken";
        first(null).prepare();
        keys.issue(wish(null, Scope.ADMIN));
        first(mounted(MOUNTED)).prepare();
        ApiKey before = keys.bySecret(MOUNTED).orElseThrow();
        assertThat(log).contains(warning + ", with all scopes: first-0; revoke").doesNotContain(before.id());
        first(mounted(MOUNTED + "2")).prepare();
        assertThat(log.getOut().lines().filter(line -> line.contains(warning)).toList().getLast()).contains("first-0", before.id());
        assertThat(log).doesNotContain(MOUNTED);
        assertThat(keys.revoke(before)).isTrue();
        assertThat(keys.revoke(keys.find("first-0").orElseThrow())).isTrue();
        int length = log.getOut().length();
        first(mounted(MOUNTED + "2")).prepare();
        assertThat(log.getOut().substring(length)).doesNotContain(warning);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0123456789abcdef0123456789ABCDE", "0123456789abcdef 0123456789ABCDEF", "0123456789abcdef0123456789ABCDé!"})
    void aMountedKeyIsLongAndPlain(String text) throws IOException {
        FirstKey first = first(mounted(text));
        assertThatThrownBy(first::prepare).isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("chainrule.security.first-key-file", "32 ASCII characters", "it holds " + text.length() + " ")
                .hasMessageNotContaining("0123456789abcdef");
    }

    @Test
    void aMountedKeyHasToBeThere() {
        assertThatThrownBy(() -> first(temporary.resolve("none")).prepare()).hasMessageContaining("there is no file");
        assertThatThrownBy(() -> first(temporary).prepare()).hasMessageContaining("cannot be read");
    }
}
