package io.chainrule.web.http;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** What the service sees of its clients it sees through TLS too. */
@Timeout(120)
@DirtiesContext
@TestPropertySource(properties = {"chainrule.limits.time=60s", "chainrule.limits.flops=10000000000000", "server.ssl.key-store-type=PKCS12",
        "server.ssl.key-store-password=secret"})
class TlsConnectionTest extends SocketTest {
    private static final String PASSWORD = "secret";

    @TempDir
    private static Path folder;

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

    @Override
    Socket connect() throws IOException {
        try {
            return context().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static SSLContext context() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = new FileInputStream(store().toFile())) {
            store.load(in, PASSWORD.toCharArray());
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "POST /v1/evaluate HTTP/1.1\r\nHost:"})
    void workEndsWhenItsClientHasGone(String more) throws IOException, InterruptedException {
        assertWorkEndsWithItsClient(request("/v1/evaluate", "", longWork()) + more);
    }

    @Test
    void requestsThatFollowEachOtherAreAnswered() throws IOException {
        String work = "{\"expression\": \"y = A\\nfor i in range(2000):\\n  y = tanh(y @ A)\\nf = sum(y)\", \"nodes\": \"none\", \"inputs\": "
                + "{\"A\": [[1, 2], [3, 4]]}}";
        String request = request("/v1/gradient", "", work);
        String last = request("/v1/gradient", "Connection: close\r\n", TINY);
        try (Socket socket = connect()) {
            send(socket, request.repeat(5) + last);
            socket.setSoTimeout(60_000);
            String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answers.split("HTTP/1.1 200", -1)).hasSize(7);
        }
    }
}
