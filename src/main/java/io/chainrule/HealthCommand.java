package io.chainrule;

import java.io.IOException;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The command {@code health}, which asks the service on the same machine whether it is ready. Where to ask stands in the file that the
 * service has written because of {@code chainrule.health-file}. A container asks every few seconds, so only what a JVM has loaded
 * anyway, or loads fast, is used here.
 */
final class HealthCommand {
    static final String NAME = "health";
    private static final int PATIENCE = 3_000;

    private final PrintStream out;

    HealthCommand(PrintStream out) {
        this.out = out;
    }

    /** Runs the command with the words that follow its name; returns the exit status of the process. */
    int run(String... words) {
        if (words.length != 1) {
            out.println("Usage: health FILE\nThe file is the one that chainrule.health-file of the running service names.");
            return 2;
        }
        try {
            String address = Files.readString(Path.of(words[0]));
            int status = status(address);
            out.println(address + " answers " + status);
            return status == HttpURLConnection.HTTP_OK ? 0 : 1;
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            out.println("Not ready: " + e);
            return 1;
        }
    }

    private static int status(String address) throws IOException, GeneralSecurityException {
        var connection = (HttpURLConnection) URI.create(address).toURL().openConnection(Proxy.NO_PROXY);
        connection.setConnectTimeout(PATIENCE);
        connection.setReadTimeout(PATIENCE);
        connection.setInstanceFollowRedirects(false);
        if (connection instanceof HttpsURLConnection encrypted) {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[]{new AnyCertificate()}, null);
            encrypted.setSSLSocketFactory(context.getSocketFactory());
            encrypted.setHostnameVerifier((host, session) -> true);
        }
        try {
            return connection.getResponseCode();
        } finally {
            connection.disconnect();
        }
    }

    /** The certificate is for the name by which others know the service, and nothing is told to whoever answers. */
    private static final class AnyCertificate extends X509ExtendedTrustManager {
        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new UnsupportedOperationException("the health command has no clients");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            throw new UnsupportedOperationException("the health command has no clients");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new UnsupportedOperationException("the health command has no clients");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
