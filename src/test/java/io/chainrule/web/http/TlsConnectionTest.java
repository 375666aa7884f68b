package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.service.run.Budget;
import io.chainrule.web.HttpTest;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** What the service sees of its clients it sees through TLS too. */
@Timeout(120)
@TestPropertySource(properties = {"chainrule.limits.time=60s", "chainrule.limits.flops=1000000000000", "server.ssl.key-store-type=PKCS12",
        "server.ssl.key-store-password=secret"})
class TlsConnectionTest extends HttpTest {
    private static final String PASSWORD = "secret";
    private static final String TINY = "{\"expression\": \"x^2\", \"inputs\": {\"x\": 3}}";

    @TempDir
    private static Path folder;

    @Autowired
    private Budget budget;

    @BeforeAll
    static void makeKey() throws IOException, InterruptedException {
        Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias",
                "service", "-keyalg", "EC", "-dname", "CN=localhost", "-validity", "2", "-storetype", "PKCS12", "-storepass", PASSWORD,
                "-keystore", store().toString()).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
    }

    @DynamicPropertySource
    static void key(DynamicPropertyRegistry registry) {
        registry.add("server.ssl.key-store", () -> store().toString());
    }

    private static Path store() {
        return folder.resolve("service.p12");
    }

    private Socket connect() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = new FileInputStream(store().toFile())) {
            store.load(in, PASSWORD.toCharArray());
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "POST /v1/evaluate HTTP/1.1\r\nHost:"})
    void workEndsWhenItsClientHasGone(String more) throws IOException, GeneralSecurityException, InterruptedException {
        SlowClientsTest.assertWorkEndsWith(connect(), more, budget);
    }

    @Test
    void requestsThatFollowEachOtherAreAnswered() throws IOException, GeneralSecurityException {
        String work = "{\"expression\": \"y = A\\nfor i in range(2000):\\n  y = tanh(y @ A)\\nf = sum(y)\", \"nodes\": \"none\", \"inputs\": "
                + "{\"A\": [[1, 2], [3, 4]]}}";
        String request = SlowClientsTest.head("/v1/gradient", "Content-Length: " + work.length() + "\r\n") + work;
        String last = SlowClientsTest.head("/v1/gradient", "Connection: close\r\nContent-Length: " + TINY.length() + "\r\n") + TINY;
        try (Socket socket = connect()) {
            SlowClientsTest.send(socket, request.repeat(5) + last);
            socket.setSoTimeout(60_000);
            String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answers.split("HTTP/1.1 200", -1)).hasSize(7);
        }
    }
}
