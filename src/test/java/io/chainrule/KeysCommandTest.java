package io.chainrule;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.security.SecuredTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The command makes, lists and revokes keys of a running service. */
class KeysCommandTest extends SecuredTest {
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final ByteArrayOutputStream complained = new ByteArrayOutputStream();

    private int run(Map<String, String> environment, String... words) {
        said.reset();
        complained.reset();
        return new KeysCommand(environment, new PrintStream(said, true, StandardCharsets.UTF_8),
                new PrintStream(complained, true, StandardCharsets.UTF_8)).run(words);
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    private String complained() {
        return complained.toString(StandardCharsets.UTF_8);
    }

    @Test
    void makesListsAndRevokes() throws IOException {
        Map<String, String> environment = Map.of("CHAINRULE_URL", "http://localhost:" + port, "CHAINRULE_KEY", firstKey());
        assertThat(run(environment, "make", "--owner=eve", "--scopes=compute,jobs", "--days=2")).isZero();
        JsonNode made = JSON.readTree(said());
        String key = made.path("key").asString();
        assertThat(with(key, "POST", "/v1/gradient", PROGRAM).statusCode()).isEqualTo(200);
        assertThat(run(environment, "list")).isZero();
        assertThat(said()).contains("\"eve\"").doesNotContain(key);
        assertThat(run(environment, "revoke", made.path("id").asString())).isZero();
        assertThat(with(key, "POST", "/v1/gradient", PROGRAM).statusCode()).isEqualTo(401);
    }

    @Test
    void findsTheFirstKeyInTheDataDirectory() {
        String data = folder.resolve("data").toString();
        assertThat(run(Map.of("CHAINRULE_URL", "http://localhost:" + port, "CHAINRULE_DATA_DIRECTORY", data), "list")).isZero();
    }

    /** The command runs beside the service, with its environment. So it reads the file that the service has been given. */
    @Test
    void findsTheFirstKeyInTheFileThatTheServiceReads() throws IOException {
        Path file = Files.writeString(folder.resolve("mounted-key"), firstKey() + "\n");
        String address = "http://localhost:" + port;
        Map<String, String> environment = Map.of("CHAINRULE_URL", address, "CHAINRULE_SECURITY_FIRST_KEY_FILE", file.toString(),
                "CHAINRULE_DATA_DIRECTORY", folder.resolve("nothing").toString());
        assertThat(run(environment, "list")).as(complained()).isZero();
        assertThat(run(Map.of("CHAINRULE_URL", address, "CHAINRULE_SECURITY_FIRST_KEY_FILE", file.toString(), "CHAINRULE_KEY_FILE",
                folder.resolve("nothing").toString()), "list")).as("its own file comes first").isEqualTo(1);
        assertThat(complained()).contains(folder.resolve("nothing").toString());
    }

    /** A key whose end, or scopes, were misspelt would last longer, or may more, than was meant. */
    @ParameterizedTest
    @ValueSource(strings = {"make --owner=eve --scopes=compute --days 2", "make --owner=eve --scopes=compute --days",
            "make --owner=eve --scopes=compute --day=2", "make --owner=eve --scopes=compute --day=",
            "make --owner=eve --scopes=compute --days=two",
            "make --owner=eve --scopes=compute --days=9999999999", "make --owner=eve --scopes=compute --days=0",
            "make --owner=eve --scopes=compute --days=2 --days=200", "make --owner= --scopes=compute", "list all", "list --owner=eve",
            "revoke", "revoke a b", "revoke a --days=2", "destroy", ""})
    void doesNothingThatItDoesNotUnderstand(String words) {
        assertThat(run(Map.of("CHAINRULE_URL", "http://localhost:" + port, "CHAINRULE_KEY", "x"), words.split(" "))).isEqualTo(2);
        assertThat(complained()).contains("Usage");
    }

    @Test
    void saysWhatIsWrong() throws IOException {
        Map<String, String> environment = Map.of("CHAINRULE_URL", "http://localhost:" + port, "CHAINRULE_KEY", firstKey());
        assertThat(run(environment, "make", "--owner=eve")).isEqualTo(1);
        assertThat(complained()).contains("'scopes' is missing");
        assertThat(run(Map.of("CHAINRULE_KEY_FILE", folder.resolve("nothing").toString()), "list")).isEqualTo(1);
        assertThat(complained()).contains("CHAINRULE_KEY_FILE");
        assertThat(run(Map.of("CHAINRULE_URL", "http://localhost:1", "CHAINRULE_KEY", "x"), "list")).isEqualTo(1);
        assertThat(complained()).contains("http://localhost:1");
    }
}
