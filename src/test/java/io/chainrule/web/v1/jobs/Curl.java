package io.chainrule.web.v1.jobs;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A command of the guides that calls {@code curl}, with the options that they use.
 *
 * @param data the body, or where {@code isFile} says so, the name of a file that has it
 * @param output the name of the file to which the answer is written, or null
 */
record Curl(String method, String path, List<String> headers, @Nullable String data, boolean isFile, @Nullable String output) {
    private static final String SERVICE = "localhost:8080";
    /** A word of a shell: plain text, and quoted parts. */
    private static final Pattern WORD = Pattern.compile("\n|(?:\\$'(?:[^'\\\\]|\\\\.)*'|'[^']*'|[^\\s'])+");
    private static final Pattern PART = Pattern.compile("\\$'((?:[^'\\\\]|\\\\.)*)'|'([^']*)'|([^'$]+)");

    /** The commands of a block of a guide, one a line. */
    static List<Curl> of(String block) {
        List<Curl> curls = new ArrayList<>();
        Deque<String> words = new ArrayDeque<>();
        for (MatchResult word : (Iterable<MatchResult>) WORD.matcher(block + "\n").results()::iterator) {
            if (!word.group().equals("\n")) {
                words.add(text(word.group()));
            } else if (!words.isEmpty()) {
                curls.add(command(words));
                words.clear();
            }
        }
        return curls;
    }

    private static String text(String word) {
        StringBuilder text = new StringBuilder();
        for (MatchResult part : (Iterable<MatchResult>) PART.matcher(word).results()::iterator) {
            text.append(part.group(1) != null ? part.group(1).translateEscapes() : part.group(2) != null ? part.group(2) : part.group(3));
        }
        return text.toString();
    }

    private static Curl command(Deque<String> words) {
        String method = null;
        String path = null;
        String data = null;
        String output = null;
        boolean isFile = false;
        List<String> headers = new ArrayList<>();
        if (!words.remove().equals("curl")) {
            throw new IllegalArgumentException("the guides show curl alone");
        }
        while (!words.isEmpty()) {
            String word = words.remove();
            switch (word) {
                case "-s" -> {
                }
                case "-X" -> method = words.remove();
                case "-o" -> output = words.remove();
                case "-H" -> headers.addAll(List.of(words.remove().split(": ", 2)));
                case "-d", "--data-binary" -> {
                    isFile = words.element().startsWith("@");
                    data = words.remove().substring(isFile ? 1 : 0);
                }
                default -> {
                    if (!word.startsWith(SERVICE)) {
                        throw new IllegalArgumentException("no option that the guides use: " + word);
                    }
                    path = word.substring(SERVICE.length());
                }
            }
        }
        if (path == null) {
            throw new IllegalArgumentException("the command has no address");
        }
        return new Curl(method != null ? method : data == null ? "GET" : "POST", path, headers, data, isFile, output);
    }

    /** Sends it to a service at this port; files are in {@code folder}. */
    HttpResponse<byte[]> send(int port, Path folder) throws IOException, InterruptedException {
        BodyPublisher body = data == null
                ? BodyPublishers.noBody()
                : BodyPublishers.ofByteArray(isFile ? Files.readAllBytes(folder.resolve(data)) : data.getBytes(StandardCharsets.UTF_8));
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).method(method, body);
        if (!headers.isEmpty()) {
            request.headers(headers.toArray(String[]::new));
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<byte[]> answer = client.send(request.build(), BodyHandlers.ofByteArray());
            if (output != null) {
                Files.write(folder.resolve(output), answer.body());
            }
            return answer;
        }
    }
}
