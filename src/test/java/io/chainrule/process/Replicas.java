package io.chainrule.process;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Three replicas of the service, which share one PostgreSQL, behind HAProxy. */
final class Replicas implements AutoCloseable {
    private static final int COUNT = 3;

    private final Path folder;
    private final EmbeddedPostgres database;
    private final List<Integer> ports = new ArrayList<>();
    private final List<RunningService> services = new ArrayList<>();
    private final Haproxy proxy;

    Replicas(Path haproxy, Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        database = EmbeddedPostgres.builder().setServerConfig("synchronous_commit", "on").start();
        try {
            for (int i = 0; i < COUNT; i++) {
                ports.add(Ports.lasting());
                services.add(started(i));
            }
            for (RunningService service : services) {
                service.awaitReady();
            }
            proxy = new Haproxy(haproxy, ports, folder);
        } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
            endServices();
            throw e;
        }
    }

    private void endServices() throws IOException {
        for (RunningService service : services) {
            service.close();
        }
        database.close();
    }

    /** All clients come from the address of the proxy. */
    private RunningService started(int i) throws IOException, InterruptedException {
        return new RunningService(
                Application.command("--chainrule.http.connections-per-address=0", "--chainrule.quotas.trainings=0",
                        "--chainrule.quotas.shared=true", "--chainrule.drain-delay=4s",
                        "--chainrule.datasets.directory=" + folder.resolve("datasets"), "--chainrule.datasets.upload-bytes=10000000"),
                folder, Map.of("SPRING_DATASOURCE_URL", database.getJdbcUrl("postgres", "postgres")),
                folder.resolve("replica-" + i + ".log"), ports.get(i));
    }

    List<RunningService> all() {
        return services;
    }

    /** How many replicas other than this one are ready. */
    int countReadyBeside(int i) throws InterruptedException {
        int count = 0;
        for (RunningService service : services) {
            count += service != services.get(i) && service.isReady() ? 1 : 0;
        }
        return count;
    }

    Haproxy proxy() {
        return proxy;
    }

    URI uri(String path) {
        return proxy.uri(path);
    }

    /** Starts a replica anew that has been told to end, or was killed. It is not ready yet. */
    RunningService restart(int i) throws IOException, InterruptedException {
        services.get(i).exitCode();
        services.get(i).close();
        services.set(i, started(i));
        return services.get(i);
    }

    @Override
    public void close() throws IOException {
        proxy.close();
        endServices();
    }
}
