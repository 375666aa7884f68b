package io.chainrule;

import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.DefaultApplicationArguments;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The command {@code keys}, which has the running service make, list and revoke keys. */
final class KeysCommand {
    static final String NAME = "keys";
    private static final String USAGE = """
            Usage: keys list
                   keys make --owner=NAME --scopes=compute,train [--days=90]
                   keys revoke ID
            The service is at CHAINRULE_URL (http://localhost:8080); a key of scope admin is in CHAINRULE_KEY, or in the file that \
            CHAINRULE_KEY_FILE names, or where the service has its first key: in the file that CHAINRULE_SECURITY_FIRST_KEY_FILE names, or \
            in first-key of the data directory.""";
    /** The options of {@code make}, and the patterns of their values. */
    private static final Map<String, String> OPTIONS = Map.of("owner", ".+", "scopes", ".+", "days", "[1-9]\\d{0,5}");
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream errors;

    KeysCommand(Map<String, String> environment, PrintStream out, PrintStream errors) {
        this.environment = environment;
        this.out = out;
        this.errors = errors;
    }

    /** Runs the command with the words that follow its name; returns the exit status of the process. */
    int run(String... words) {
        ApplicationArguments arguments = new DefaultApplicationArguments(words);
        if (!isUnderstood(arguments)) {
            errors.println(USAGE);
            return 2;
        }
        List<String> names = arguments.getNonOptionArgs();
        try {
            return switch (names.getFirst()) {
                case "list" -> send("GET", "", BodyPublishers.noBody());
                case "make" -> send("POST", "", BodyPublishers.ofString(wish(arguments)));
                default -> send("DELETE", "/" + names.get(1), BodyPublishers.noBody());
            };
        } catch (ConnectException _) {
            errors.println("There is no service at " + address() + "; CHAINRULE_URL says where it is");
            return 1;
        } catch (IOException | IllegalArgumentException e) {
            errors.println(e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    /** Whether all words and options are known. A misspelt option must not be ignored: a key without {@code --days} never ends. */
    private static boolean isUnderstood(ApplicationArguments arguments) {
        List<String> names = arguments.getNonOptionArgs();
        Set<String> options = arguments.getOptionNames();
        return switch (names.isEmpty() ? "" : names.getFirst()) {
            case "list" -> names.size() == 1 && options.isEmpty();
            case "make" -> names.size() == 1 && options.stream().allMatch(name -> {
                String form = OPTIONS.get(name);
                List<String> values = arguments.getOptionValues(name);
                return form != null && values != null && values.size() == 1 && values.getFirst().matches(form);
            });
            case "revoke" -> names.size() == 2 && options.isEmpty();
            default -> false;
        };
    }

    private static String wish(ApplicationArguments arguments) {
        Map<String, Object> wish = new LinkedHashMap<>();
        option(arguments, "owner").ifPresent(owner -> wish.put("owner", owner));
        option(arguments, "scopes").ifPresent(scopes -> wish.put("scopes", scopes.split(",")));
        option(arguments, "days").map(Long::valueOf)
                .ifPresent(days -> wish.put("expires_at", Instant.now().plus(days, ChronoUnit.DAYS).toString()));
        return JSON.writeValueAsString(wish);
    }

    private static Optional<String> option(ApplicationArguments arguments, String name) {
        List<String> values = arguments.getOptionValues(name);
        return values == null ? Optional.empty() : values.stream().findFirst();
    }

    private int send(String method, String path, BodyPublisher body) throws IOException, InterruptedException {
        URI address = URI.create(address() + "/v1/keys" + path);
        HttpRequest request = HttpRequest.newBuilder(address).method(method, body).timeout(PATIENCE)
                .header("Authorization", "Bearer " + key()).header("Content-Type", "application/json").build();
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            boolean isDone = response.statusCode() < 300;
            (isDone ? out : errors).print(text(response.body()));
            return isDone ? 0 : 1;
        }
    }

    private String address() {
        return environment.getOrDefault("CHAINRULE_URL", "http://localhost:8080");
    }

    private static String text(String body) {
        if (body.isEmpty()) {
            return "";
        }
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(JSON.readTree(body)) + System.lineSeparator();
        } catch (JacksonException _) {
            // Something else than the service answers there.
            return body + System.lineSeparator();
        }
    }

    private String key() throws IOException {
        String key = environment.get("CHAINRULE_KEY");
        if (key != null) {
            return key.strip();
        }
        Path file = Path.of(environment.getOrDefault("CHAINRULE_KEY_FILE", environment.getOrDefault(
                "CHAINRULE_SECURITY_FIRST_KEY_FILE", environment.getOrDefault("CHAINRULE_DATA_DIRECTORY", "data") + "/first-key")));
        if (!Files.isReadable(file)) {
            throw new IOException("No key: set CHAINRULE_KEY, or CHAINRULE_KEY_FILE; " + file + " cannot be read");
        }
        return Files.readString(file).strip();
    }
}
