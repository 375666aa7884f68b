package io.chainrule.web.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.HealthProcess;
import io.chainrule.TestFolder;
import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** The service over TLS, by Spring's bundles; a renewed certificate is taken without a new start. */
@DirtiesContext
@TestPropertySource(properties = {"server.ssl.bundle=web", "spring.ssl.bundle.jks.web.reload-on-update=true",
        "spring.ssl.bundle.jks.web.keystore.password=changeit", "spring.ssl.bundle.jks.web.keystore.type=PKCS12",
        "spring.ssl.bundle.watch.file.quiet-period=100ms"})
class TlsTest extends HttpTest {
    private static Path keystore = Path.of("target");

    @DynamicPropertySource
    static void keystore(DynamicPropertyRegistry properties) throws IOException, InterruptedException {
        keystore = TestFolder.create("tls-").resolve("server.p12");
        certificate("first", keystore);
        properties.add("spring.ssl.bundle.jks.web.keystore.location", () -> keystore.toUri().toString());
        properties.add("chainrule.health-file", () -> keystore.resolveSibling("health").toString());
    }

    /** Made by the JDK's own tool, so that no private key is among the sources. */
    private static void certificate(String name, Path file) throws IOException, InterruptedException {
        Process tool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias",
                "server", "-keyalg", "EC", "-dname", "CN=" + name, "-ext", "SAN=dns:localhost", "-validity", "2", "-storetype", "PKCS12",
                "-storepass", "changeit", "-keystore", file.toString()).redirectErrorStream(true).start();
        assertThat(tool.waitFor()).as(new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).isZero();
    }

    /** A client that trusts what is in the keystore now. */
    private static HttpClient client() throws GeneralSecurityException, IOException {
        X509Certificate trusted = (X509Certificate) KeyStore.getInstance(keystore.toFile(), "changeit".toCharArray())
                .getCertificate("server");
        TrustManager trust = new X509TrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
                if (!chain[0].equals(trusted)) {
                    throw new CertificateException("another certificate: " + chain[0].getSubjectX500Principal());
                }
            }

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        };
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[]{trust}, null);
        return HttpClient.newBuilder().sslContext(context).connectTimeout(Duration.ofSeconds(10)).build();
    }

    private HttpResponse<String> gradient() throws GeneralSecurityException, IOException, InterruptedException {
        try (HttpClient client = client()) {
            return client.send(HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/v1/gradient"))
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString("{\"expression\": \"f = x * y\", \"inputs\": {\"x\": 2, \"y\": 3}}")).build(),
                    BodyHandlers.ofString());
        }
    }

    /** The certificate is for whoever calls the service by its name. */
    @Test
    void theHealthCommandTakesAnyCertificate() throws IOException, InterruptedException {
        Path file = keystore.resolveSibling("health");
        assertThat(file).hasContent("https://127.0.0.1:" + port + "/actuator/health/readiness");
        HealthProcess health = HealthProcess.run(file);
        assertThat(health.status()).as(health.output()).isZero();
    }

    @Test
    void answersOverTlsAndTakesARenewedCertificate() throws GeneralSecurityException, IOException, InterruptedException {
        HttpResponse<String> response = gradient();
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(json(response).at("/gradients/x").asDouble()).isEqualTo(3);
        assertThat(response.headers().firstValue("Strict-Transport-Security")).hasValue("max-age=31536000");

        Path renewed = keystore.resolveSibling("renewed.p12");
        certificate("second", renewed);
        Files.move(renewed, keystore, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        for (int i = 0; i < 600; i++) {
            try {
                assertThat(gradient().statusCode()).isEqualTo(200);
                return;
            } catch (IOException _) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
        assertThat(gradient().statusCode()).as("with the renewed certificate").isEqualTo(200);
    }
}
