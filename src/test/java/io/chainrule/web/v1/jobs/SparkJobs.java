package io.chainrule.web.v1.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.TestFolder;
import io.chainrule.process.SparkCluster;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The service, and a cluster of Apache Spark with two workers beside it. */
abstract class SparkJobs extends JobsHttpTest {
    static final String SECRET = "a secret of this test";

    @SuppressWarnings("NullAway.Init")
    static Path folder;
    @SuppressWarnings("NullAway.Init")
    static SparkCluster cluster;

    @DynamicPropertySource
    static void cluster(DynamicPropertyRegistry properties) throws IOException {
        folder = TestFolder.create("spark-");
        cluster = new SparkCluster(Files.createDirectory(folder.resolve("cluster")), SECRET);
        cluster.addWorker();
        cluster.addWorker();
        Files.createDirectory(folder.resolve("files"));
        properties.add("chainrule.data-directory", folder.resolve("data")::toString);
        properties.add("chainrule.datasets.roots", () -> "file:" + folder.resolve("files") + ",hdfs://elsewhere/files");
        properties.add("chainrule.jobs.checkpoint", () -> "300ms");
        properties.add("chainrule.jobs.spark.master", cluster::url);
        properties.add("chainrule.jobs.spark.home", SparkCluster.HOME::toString);
        properties.add("chainrule.jobs.spark.secret", () -> SECRET);
        properties.add("chainrule.jobs.spark.driver-memory", () -> "512m");
        // A file system that is called hdfs, and has a folder of this machine.
        String hadoop = "chainrule.jobs.spark.properties[spark.hadoop.fs.";
        properties.add(hadoop + "hdfs.impl]", () -> "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme");
        properties.add(hadoop + "viewfs.overload.scheme.target.file.impl]", () -> "org.apache.hadoop.fs.LocalFileSystem");
        properties.add(hadoop + "viewfs.mounttable.elsewhere.link./files]", () -> "file:" + folder.resolve("files"));
        properties.add("chainrule.jobs.spark.properties[spark.executor.memory]", () -> "512m");
        properties.add("chainrule.jobs.spark.properties[spark.driver.host]", () -> "127.0.0.1");
        properties.add("chainrule.jobs.spark.properties[spark.driver.bindAddress]", () -> "127.0.0.1");
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    /** A folder of files of this machine, which is called as the data set. */
    void located(String name, String format) {
        located(name, "file:" + folder.resolve("files").resolve(name), format);
    }

    void located(String name, String location, String format) {
        HttpResponse<String> response = send("PUT", "/v1/datasets/" + name, BodyPublishers.ofString(
                "{\"location\": \"" + location + "\", \"format\": \"" + format + "\"}"), "Content-Type",
                "application/json");
        assertThat(response.statusCode()).as(response.body()).isBetween(200, 201);
    }

    String begun(String kind, String engine, String request) {
        ObjectNode asked = (ObjectNode) JSON.readTree(request);
        asked.put("engine", engine);
        return accepted(kind, JSON.writeValueAsString(asked));
    }

    JsonNode answer(String kind, String engine, String request) {
        JsonNode job = ended(begun(kind, engine, request));
        assertThat(job.path("status").asString()).as(job.toString()).isEqualTo("succeeded");
        ObjectNode answer = (ObjectNode) json(get("/v1/jobs/" + job.path("id").asString() + "/result"));
        assertThat(answer.remove("engine").asString()).isEqualTo(engine);
        return answer;
    }

    /** What a map has stored, by its digest, after what it answered of the rows that it read. */
    List<Object> mapped(String engine, String request, String name) {
        ObjectNode asked = (ObjectNode) JSON.readTree(request);
        JsonNode answer = answer("map", engine, JSON.writeValueAsString(asked.put("save_as", name)));
        return List.of(answer.path("rows"), answer.at("/dataset/rows"), answer.at("/dataset/sha256"), answer.at("/dataset/columns"));
    }

    /** The answer of both engines, which is the same. JSON has each bit of a number. */
    JsonNode answerOfBoth(String kind, String request) {
        JsonNode expected = answer(kind, "local", request);
        assertThat(answer(kind, "spark", request)).isEqualTo(expected);
        return expected;
    }
}
